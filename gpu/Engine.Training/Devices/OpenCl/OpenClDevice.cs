namespace Engine.Training.Devices.OpenCl;

/// <summary>A device that speaks OpenCL, with a context of its own.</summary>
/// <remarks>SAFETY: arrays that the library reads are on the stack during the call; handles are the library's own.</remarks>
internal sealed unsafe class OpenClDevice : ComputeDevice
{
    private const nint ContextPlatform = 0x1084;
    private const ulong QueueProfiling = 2;
    private const ulong CorrectlyRoundedDivideSqrt = 1 << 7;

    private readonly nint _id;
    private readonly bool _roundsCorrectly;
    private readonly bool _isNvidia;
    private nint _context;
    private OpenClQueue? _service;

    /// <param name="api">The functions.</param>
    /// <param name="platform">The platform's handle.</param>
    /// <param name="id">The device's handle.</param>
    /// <param name="info">What it is.</param>
    /// <param name="extensions">Its extensions.</param>
    /// <param name="singleFlags">CL_DEVICE_SINGLE_FP_CONFIG.</param>
    public OpenClDevice(OpenClApi api, nint platform, nint id, DeviceInfo info, string extensions, ulong singleFlags)
    {
        (Api, _id, Info) = (api, id, info);
        _roundsCorrectly = (singleFlags & CorrectlyRoundedDivideSqrt) != 0;
        _isNvidia = extensions.Contains("cl_nv_compiler_options", StringComparison.Ordinal);

        // SAFETY: the list ends with a zero; the library copies it.
        nint* properties = stackalloc nint[] { ContextPlatform, platform, 0 };
        int status;
        _context = api.CreateContext(properties, 1, &id, 0, 0, &status);
        OpenClStatus.Check(status, $"opening {info.Name}");
    }

    /// <inheritdoc/>
    public override DeviceInfo Info { get; }

    /// <summary>The functions.</summary>
    public OpenClApi Api { get; }

    /// <summary>The device's handle.</summary>
    public nint Id => _id;

    /// <summary>The context's handle.</summary>
    public nint Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(_context == 0, this);
            return _context;
        }
    }

    /// <summary>A queue for what must be done before memory can be used.</summary>
    public OpenClQueue Service => _service ??= (OpenClQueue)CreateQueue();

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(long bytes) => new OpenClBuffer(this, bytes);

    /// <inheritdoc/>
    public override PinnedMemory Pin(long bytes) => new OpenClPinnedMemory(this, bytes);

    /// <inheritdoc/>
    public override DeviceProgram Compile(KernelSource source)
    {
        List<string> facts = [.. Info.HasFloat64 ? ["HAS_FLOAT64"] : Array.Empty<string>(), .. _roundsCorrectly ? ["ROUNDS_CORRECTLY"] : Array.Empty<string>()];
        string options = "-cl-std=CL1.2" + (_roundsCorrectly ? " -cl-fp32-correctly-rounded-divide-sqrt" : "") + (_isNvidia ? " -cl-nv-verbose" : "");
        return new OpenClProgram(this, new KernelText(source, "opencl.h", facts), options);
    }

    /// <inheritdoc/>
    public override DeviceQueue CreateQueue()
    {
        int status;
        nint queue = Api.CreateCommandQueue(Context, _id, QueueProfiling, &status);
        OpenClStatus.Check(status, $"making a queue of {Info.Name}");
        return new OpenClQueue(this, queue);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _service?.Dispose();
        _service = null;
        if (_context != 0)
        {
            _ = Api.ReleaseContext(_context);
            _context = 0;
        }
    }
}
