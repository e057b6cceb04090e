using System.Globalization;
using System.Text;

namespace Engine.Training.Devices.OpenCl;

/// <summary>A program that an OpenCL driver compiled.</summary>
/// <remarks>SAFETY: texts are zero-terminated and pinned during a call.</remarks>
internal sealed unsafe class OpenClProgram : DeviceProgram
{
    private const uint BuildLog = 0x1183;

    private readonly OpenClDevice _device;
    private readonly Dictionary<string, OpenClKernel> _kernels = [];
    private nint _handle;

    /// <param name="device">For which.</param>
    /// <param name="text">What.</param>
    /// <param name="options">How.</param>
    public OpenClProgram(OpenClDevice device, KernelText text, string options)
    {
        _device = device;
        int status;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text.Text + '\0'), optionBytes = Encoding.UTF8.GetBytes(options + '\0'))
        {
            byte* only = bytes;
            _handle = device.Api.CreateProgramWithSource(device.Context, 1, &only, null, &status);
            OpenClStatus.Check(status, "giving a program to OpenCL");
            nint id = device.Id;
            status = device.Api.BuildProgram(_handle, 1, &id, optionBytes, 0, 0);
        }

        Log = BuildWords();
        device.OpenObjects++;
        if (status != OpenClStatus.Success)
        {
            Dispose();
            throw new DeviceException(text.Complaint($"{device.Info.Platform} ({OpenClStatus.Name(status)})", Log));
        }
    }

    /// <inheritdoc/>
    public override string Log { get; }

    /// <inheritdoc/>
    public override DeviceKernel Kernel(string name)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        if (_kernels.TryGetValue(name, out OpenClKernel? known))
        {
            return known;
        }

        int status;
        nint kernel;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(name + '\0'))
        {
            kernel = _device.Api.CreateKernel(_handle, bytes, &status);
        }

        OpenClStatus.Check(status, $"the program has no kernel '{name}'");
        return _kernels[name] = new OpenClKernel(_device, kernel, name);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (OpenClKernel kernel in _kernels.Values)
        {
            _ = _device.Api.ReleaseKernel(kernel.Handle);
        }

        _kernels.Clear();
        if (_handle != 0)
        {
            _ = _device.Api.ReleaseProgram(_handle);
            _handle = 0;
            _device.OpenObjects--;
        }
    }

    private string BuildWords()
    {
        nuint length = 0;
        if (_device.Api.GetProgramBuildInfo(_handle, _device.Id, BuildLog, 0, null, &length) != OpenClStatus.Success || length <= 1)
        {
            return "";
        }

        byte[] log = new byte[checked((int)length)];
        fixed (byte* pointer = log)
        {
            OpenClStatus.Check(_device.Api.GetProgramBuildInfo(_handle, _device.Id, BuildLog, length, pointer, null), "reading the compiler's words");
        }

        return Encoding.UTF8.GetString(log).TrimEnd('\0').Trim();
    }
}

/// <summary>A kernel of an OpenCL program.</summary>
internal sealed unsafe class OpenClKernel : DeviceKernel
{
    private const uint NumArgs = 0x1191;
    private const uint WorkGroupSize = 0x11B0;
    private const uint LocalMemSize = 0x11B2;
    private const uint PrivateMemSize = 0x11B4;

    /// <param name="device">Whose.</param>
    /// <param name="handle">The library's.</param>
    /// <param name="name">Its name.</param>
    public OpenClKernel(OpenClDevice device, nint handle, string name)
    {
        (Handle, Name) = (handle, name);
        uint count;

        // SAFETY: the value is as long as the library is told.
        OpenClStatus.Check(device.Api.GetKernelInfo(handle, NumArgs, sizeof(uint), &count, null), $"asking for the arguments of '{name}'");
        Arguments = (int)count;
        MaxGroupSize = (int)Math.Min(Number(device, WorkGroupSize, sizeof(nuint)), (ulong)device.Info.MaxGroupSize);
        LocalBytes = (int)Math.Min(Number(device, LocalMemSize, sizeof(ulong)), int.MaxValue);
        PrivateBytes = (long)Number(device, PrivateMemSize, sizeof(ulong));
    }

    /// <summary>The library's handle.</summary>
    public nint Handle { get; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>How many arguments it has, with the local memory.</summary>
    public int Arguments { get; }

    /// <inheritdoc/>
    public override int MaxGroupSize { get; }

    /// <summary>Local memory that it declares.</summary>
    public int LocalBytes { get; }

    /// <summary>Memory of each work item outside registers, as far as the driver tells.</summary>
    public long PrivateBytes { get; }

    /// <inheritdoc/>
    public override string Resources =>
        string.Create(CultureInfo.InvariantCulture, $"groups of up to {MaxGroupSize}, {LocalBytes} local bytes, {PrivateBytes} private bytes");

    private ulong Number(OpenClDevice device, uint what, int bytes)
    {
        ulong value = 0;

        // SAFETY: the value is as long as the library is told.
        OpenClStatus.Check(device.Api.GetKernelWorkGroupInfo(Handle, device.Id, what, (nuint)bytes, &value, null), $"asking for 0x{what:X} of '{Name}'");
        return value;
    }
}
