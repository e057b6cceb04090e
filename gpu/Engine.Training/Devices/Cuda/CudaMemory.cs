namespace Engine.Training.Devices.Cuda;

/// <summary>Memory of a CUDA device.</summary>
/// <remarks>SAFETY: the address is the driver's; freeing it waits for what uses it.</remarks>
internal sealed unsafe class CudaBuffer : DeviceBuffer
{
    private ulong _address;

    /// <param name="device">Whose.</param>
    /// <param name="bytes">How many.</param>
    public CudaBuffer(CudaDevice device, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        (Device, Bytes) = (device, bytes);
        CudaApi api = device.Enter();

        // SAFETY: the driver writes one address.
        ulong address;
        int status = api.MemAlloc(&address, (nuint)bytes);
        if (status != 0)
        {
            throw new DeviceException($"allocating {bytes} bytes on {device.Info.Name}, which has {device.Info.GlobalBytes}: {api.Name(status)}. {DeviceRanges.SmallerNext}");
        }

        _address = address;
        device.OpenObjects++;
    }

    /// <inheritdoc/>
    public override long Bytes { get; }

    /// <summary>Whose.</summary>
    public CudaDevice Device { get; }

    /// <summary>Its first byte, on the device.</summary>
    public ulong Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address == 0, this);
            return _address;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_address != 0)
        {
            Device.Release(api => _ = api.MemFree(_address));
            _address = 0;
            Device.OpenObjects--;
        }
    }
}

/// <summary>Memory of the host that CUDA's driver locked.</summary>
/// <remarks>SAFETY: the pointer is the driver's until it is freed, which waits for what uses it.</remarks>
internal sealed unsafe class CudaPinnedMemory : PinnedMemory
{
    private const uint Portable = 1;

    private readonly CudaDevice _device;
    private void* _pointer;

    /// <param name="device">Whose.</param>
    /// <param name="bytes">How many.</param>
    public CudaPinnedMemory(CudaDevice device, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        (_device, Bytes) = (device, bytes);
        CudaApi api = device.Enter();

        // SAFETY: the driver writes one address; it has as many bytes as were asked for.
        void* pointer;
        int status = api.MemHostAlloc(&pointer, (nuint)bytes, Portable);
        if (status != 0)
        {
            throw new DeviceException($"locking {bytes} bytes of the host for {device.Info.Name}: {api.Name(status)}. {DeviceRanges.SmallerNext}");
        }

        _pointer = pointer;
        device.OpenObjects++;
    }

    /// <inheritdoc/>
    public override long Bytes { get; }

    /// <inheritdoc/>
    public override byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return (byte*)_pointer;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_pointer is not null)
        {
            _device.Release(api => _ = api.MemFreeHost(_pointer));
            _pointer = null;
            _device.OpenObjects--;
        }
    }
}
