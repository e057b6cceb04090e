using Engine.Training.Devices;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Gpu;

/// <summary>
/// Training on a device: all steps of a burst without returning to the host, networks side by side. The same device, network and rows give the same
/// bits, alone or beside others; losses are the CPU's within 1e-4 of them.
/// </summary>
public sealed class GpuBackend : ITrainingBackend
{
    private readonly GpuContext _context;
    private readonly ComputeDevice? _owned;

    /// <param name="device">The device; must outlive the backend.</param>
    /// <param name="options">How it is used; null for the defaults.</param>
    /// <exception cref="DeviceException">The device cannot train.</exception>
    public GpuBackend(ComputeDevice device, GpuOptions? options = null) => _context = new GpuContext(device, options ?? new GpuOptions());

    private GpuBackend(ComputeDevice device, GpuOptions? options, bool isOwner)
        : this(device, options) => _owned = isOwner ? device : null;

    /// <inheritdoc/>
    public string Name =>
        $"{(_context.Device.Info.Api == DeviceApi.Cuda ? "cuda" : "opencl")} {_context.Device.Info.Name}{(_context.Options.IsFast ? ", fast (LSTMs in tf32)" : "")}";

    /// <inheritdoc/>
    public int GroupSize => _context.Options.GroupSize;

    /// <inheritdoc/>
    public bool IsRounding => _context.Options.IsFast;

    /// <inheritdoc/>
    public void Check(NetworkSpec network, int batchSize)
    {
        if (network is LstmSpec lstm)
        {
            _ = GpuLstmGroup.TilingOf(_context, lstm, batchSize);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device has too little memory.</exception>
    public ITrainingGroup CreateGroup(NetworkSpec network, IReadOnlyList<GroupMember> members) => Group(network, members);

    /// <summary>Opens a device and trains on it; it is closed with the backend.</summary>
    /// <param name="info">The device.</param>
    /// <param name="options">How it is used; null for the defaults.</param>
    /// <exception cref="DeviceException">The device cannot be had, or cannot train.</exception>
    public static GpuBackend Open(DeviceInfo info, GpuOptions? options = null)
    {
        ComputeDevice device = DeviceList.Open(info);
        try
        {
            return new GpuBackend(device, options, isOwner: true);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _owned?.Dispose();
    }

    /// <summary>As <see cref="CreateGroup"/>.</summary>
    internal GpuGroup Group(NetworkSpec network, IReadOnlyList<GroupMember> members)
    {
        _context.BeginGroup();
        try
        {
            return Make(network, members);
        }
        catch
        {
            _context.Abandon(0);
            throw;
        }
    }

    private GpuGroup Make(NetworkSpec network, IReadOnlyList<GroupMember> members) => network switch
    {
        SiloSpec silo => new GpuSiloGroup(_context, silo, members),
        LstmSpec lstm => new GpuLstmGroup(_context, lstm, members),
        _ => throw new ArgumentException($"{network.GetType().Name} is no network that is trained here.", nameof(network)),
    };
}
