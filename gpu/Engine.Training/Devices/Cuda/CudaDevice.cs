namespace Engine.Training.Devices.Cuda;

/// <summary>A device that speaks CUDA, through its primary context.</summary>
/// <remarks>SAFETY: handles are the library's own. The context is made current before every call, since threads come and go.</remarks>
internal sealed unsafe class CudaDevice : ComputeDevice
{
    private const uint NonBlocking = 1;

    private readonly int _device;
    private readonly CudaApi _api;
    private nint _context;

    /// <param name="api">The functions.</param>
    /// <param name="device">The driver's number of it.</param>
    /// <param name="info">What it is.</param>
    public CudaDevice(CudaApi api, int device, DeviceInfo info)
    {
        (_api, _device, Info) = (api, device, info);

        // SAFETY: the driver writes one handle.
        nint context;
        api.Check(api.PrimaryContextRetain(&context, device), $"opening {info.Name}");
        _context = context;
    }

    /// <inheritdoc/>
    public override DeviceInfo Info { get; }

    /// <summary>The functions, with the device's context current on this thread.</summary>
    public CudaApi Enter()
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        _api.Check(_api.ContextSetCurrent(_context), $"turning to {Info.Name}");
        return _api;
    }

    /// <summary>
    /// Gives something back. After a fault the driver answers everything with that fault: nothing is thrown, so that its first message is the one that is
    /// seen and all else is given back too. What is left when the device is closed went with its context.
    /// </summary>
    /// <param name="free">Ignores what the functions return.</param>
    public void Release(Action<CudaApi> free)
    {
        if (_context != 0)
        {
            _ = _api.ContextSetCurrent(_context);
            free(_api);
        }
    }

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(long bytes) => new CudaBuffer(this, bytes);

    /// <inheritdoc/>
    public override PinnedMemory Pin(long bytes) => new CudaPinnedMemory(this, bytes);

    /// <inheritdoc/>
    public override DeviceProgram Compile(KernelSource source)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        return new CudaProgram(this, NvrtcCompiler.Compile(source, Info.Architecture));
    }

    /// <inheritdoc/>
    public override DeviceQueue CreateQueue()
    {
        CudaApi api = Enter();
        nint stream;
        api.Check(api.StreamCreate(&stream, NonBlocking), $"making a queue of {Info.Name}");
        return new CudaQueue(this, stream);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_context != 0)
        {
            _ = _api.PrimaryContextRelease(_device);
            _context = 0;
        }
    }
}
