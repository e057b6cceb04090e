namespace Engine.Training.Devices.OpenCl;

/// <summary>Memory of an OpenCL device.</summary>
/// <remarks>SAFETY: the handle is the library's own; commands under way keep it.</remarks>
internal sealed unsafe class OpenClBuffer : DeviceBuffer
{
    private const ulong ReadWrite = 1;

    private nint _handle;

    /// <param name="device">Whose.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="flags">Beside that kernels read and write it.</param>
    public OpenClBuffer(OpenClDevice device, long bytes, ulong flags = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        (Device, Bytes) = (device, bytes);

        // SAFETY: there is no host memory; the library writes one code.
        int status;
        _handle = device.Api.CreateBuffer(device.Context, ReadWrite | flags, (nuint)bytes, null, &status);
        if (status != OpenClStatus.Success)
        {
            throw new DeviceException($"allocating {bytes} bytes on {device.Info.Name}, which has {device.Info.GlobalBytes}: {OpenClStatus.Name(status)}. {DeviceRanges.SmallerNext}");
        }

        device.OpenObjects++;
    }

    /// <inheritdoc/>
    public override long Bytes { get; }

    /// <summary>Whose.</summary>
    public OpenClDevice Device { get; }

    /// <summary>The library's handle.</summary>
    public nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_handle != 0)
        {
            _ = Device.Api.ReleaseMemory(_handle);
            _handle = 0;
            Device.OpenObjects--;
        }
    }
}

/// <summary>Memory of the host that an OpenCL driver allocated, mapped as long as it lives.</summary>
/// <remarks>SAFETY: the pointer is that of the mapping, which lasts until it is disposed.</remarks>
internal sealed unsafe class OpenClPinnedMemory : PinnedMemory
{
    private const ulong AllocHostPointer = 1 << 4;
    private const ulong MapReadWrite = 3;

    private readonly OpenClBuffer _buffer;
    private void* _pointer;

    /// <param name="device">Whose.</param>
    /// <param name="bytes">How many.</param>
    public OpenClPinnedMemory(OpenClDevice device, long bytes)
    {
        _buffer = new OpenClBuffer(device, bytes, AllocHostPointer);

        // SAFETY: all of the buffer is mapped, and nothing beyond.
        int status;
        _pointer = device.Api.EnqueueMap(device.Service.Handle, _buffer.Handle, 1, MapReadWrite, 0, (nuint)bytes, 0, null, null, &status);
        if (status != OpenClStatus.Success)
        {
            _buffer.Dispose();
            throw new DeviceException($"mapping {bytes} bytes for {device.Info.Name}: {OpenClStatus.Name(status)}. {DeviceRanges.SmallerNext}");
        }
    }

    /// <inheritdoc/>
    public override long Bytes => _buffer.Bytes;

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
            OpenClDevice device = _buffer.Device;
            _ = device.Api.EnqueueUnmap(device.Service.Handle, _buffer.Handle, _pointer, 0, null, null);
            _ = device.Api.Finish(device.Service.Handle);
            _pointer = null;
            _buffer.Dispose();
        }
    }
}
