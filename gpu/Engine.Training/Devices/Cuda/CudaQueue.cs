namespace Engine.Training.Devices.Cuda;

/// <summary>A stream of a CUDA device.</summary>
/// <remarks>SAFETY: copies are inside both memories (checked); arguments are on the stack during the call, which copies them.</remarks>
internal sealed unsafe class CudaQueue(CudaDevice device, nint stream) : DeviceQueue
{
    private const int MaxArguments = 64;

    private nint _stream = stream;

    /// <inheritdoc/>
    public override void Write(DeviceBuffer to, long toOffset, PinnedMemory from, long fromOffset, long bytes)
    {
        DeviceRanges.CheckCopy(to.Bytes, toOffset, from.Bytes, fromOffset, bytes);
        if (bytes > 0)
        {
            CudaApi api = Enter();
            int status = api.CopyToDevice(Address(to) + (ulong)toOffset, from.Pointer + fromOffset, (nuint)bytes, _stream);
            api.Check(status, $"copying {bytes} bytes to {device.Info.Name}");
        }
    }

    /// <inheritdoc/>
    public override void Read(DeviceBuffer from, long fromOffset, PinnedMemory to, long toOffset, long bytes)
    {
        DeviceRanges.CheckCopy(from.Bytes, fromOffset, to.Bytes, toOffset, bytes);
        if (bytes > 0)
        {
            CudaApi api = Enter();
            int status = api.CopyFromDevice(to.Pointer + toOffset, Address(from) + (ulong)fromOffset, (nuint)bytes, _stream);
            api.Check(status, $"copying {bytes} bytes from {device.Info.Name}");
        }
    }

    /// <inheritdoc/>
    public override void Fill(DeviceBuffer buffer, uint word)
    {
        DeviceRanges.CheckFill(buffer.Bytes);
        CudaApi api = Enter();
        api.Check(api.FillWords(Address(buffer), word, (nuint)buffer.Bytes / sizeof(uint), _stream), $"filling {buffer.Bytes} bytes");
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes, params ReadOnlySpan<KernelArgument> arguments)
    {
        CudaKernel own = kernel as CudaKernel ?? throw new ArgumentException("A kernel of another API.", nameof(kernel));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments.Length, MaxArguments);
        if (!DeviceRanges.CheckLaunch(kernel, device.Info, groupsX, groupsY, groupSize, own.LocalBytes + localBytes))
        {
            return;
        }

        CheckArguments(own, localBytes, arguments);
        CudaApi api = Enter();
        own.Allow(api, localBytes);

        // One more than there are: the length of the local memory, which a kernel without any does not look at.
        // SAFETY: there are at most as many (checked); the driver has copied them when it returns.
        ulong* values = stackalloc ulong[MaxArguments + 1];
        void** pointers = stackalloc void*[MaxArguments + 1];
        for (int i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Buffer is { } buffer ? Address(buffer) : arguments[i].Bits;
            pointers[i] = values + i;
        }

        values[arguments.Length] = (uint)localBytes;
        pointers[arguments.Length] = values + arguments.Length;
        int status = api.Launch(own.Handle, (uint)groupsX, (uint)groupsY, 1, (uint)groupSize, 1, 1, (uint)localBytes, _stream, pointers, null);
        if (status != 0)
        {
            throw new DeviceException($"{DeviceRanges.Describe(kernel, groupsX, groupsY, groupSize, localBytes)} ({kernel.Resources}): {api.Name(status)}");
        }
    }

    /// <inheritdoc/>
    public override DeviceEvent Record()
    {
        CudaApi api = Enter();
        nint mark;
        api.Check(api.EventCreate(&mark, 0), "making a mark");
        int status = api.EventRecord(mark, _stream);
        if (status != 0)
        {
            _ = api.EventDestroy(mark);
            api.Check(status, "marking a queue");
        }

        return new CudaEvent(device, mark);
    }

    /// <inheritdoc/>
    public override void WaitFor(DeviceEvent mark)
    {
        CudaApi api = Enter();
        api.Check(api.StreamWaitEvent(_stream, ((CudaEvent)mark).Handle, 0), "waiting for a mark");
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        CudaApi api = Enter();
        api.Check(api.StreamSynchronize(_stream), $"a command of {device.Info.Name} failed");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_stream != 0)
        {
            device.Release(api =>
            {
                _ = api.StreamSynchronize(_stream);
                _ = api.StreamDestroy(_stream);
            });
            _stream = 0;
        }
    }

    private CudaApi Enter()
    {
        ObjectDisposedException.ThrowIf(_stream == 0, this);
        return device.Enter();
    }

    private ulong Address(DeviceBuffer buffer) =>
        buffer is CudaBuffer own && own.Device == device ? own.Address : throw new ArgumentException("Memory of another device.", nameof(buffer));

    private static void CheckArguments(CudaKernel kernel, int localBytes, ReadOnlySpan<KernelArgument> arguments)
    {
        if (kernel.ParameterBytes is not { } expected)
        {
            return;
        }

        DeviceRanges.CheckArguments(kernel, expected.Count, arguments.Length, localBytes);

        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Bytes != expected[i])
            {
                throw new DeviceException($"kernel '{kernel.Name}', argument {i} has {expected[i]} bytes; it was given {arguments[i].Bytes}");
            }
        }
    }
}

/// <summary>A mark in a CUDA stream.</summary>
/// <remarks>SAFETY: the handle is the driver's own.</remarks>
internal sealed unsafe class CudaEvent(CudaDevice device, nint handle) : DeviceEvent
{
    private nint _handle = handle;

    /// <summary>The driver's handle.</summary>
    public nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <inheritdoc/>
    public override void Wait()
    {
        CudaApi api = device.Enter();
        api.Check(api.EventSynchronize(Handle), $"a command of {device.Info.Name} failed");
    }

    /// <inheritdoc/>
    public override double MillisecondsSince(DeviceEvent earlier)
    {
        CudaApi api = device.Enter();
        float milliseconds;
        api.Check(api.EventElapsedTime(&milliseconds, ((CudaEvent)earlier).Handle, Handle), "asking how far two marks are apart");
        return milliseconds;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_handle != 0)
        {
            device.Release(api => _ = api.EventDestroy(_handle));
            _handle = 0;
        }
    }
}
