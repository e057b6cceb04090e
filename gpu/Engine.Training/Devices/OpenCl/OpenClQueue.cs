namespace Engine.Training.Devices.OpenCl;

/// <summary>An in-order queue of an OpenCL device.</summary>
/// <remarks>SAFETY: copies are inside both memories (checked); arrays that the library reads are on the stack during the call.</remarks>
internal sealed unsafe class OpenClQueue(OpenClDevice device, nint handle) : DeviceQueue
{
    private readonly OpenClApi _api = device.Api;
    private nint _handle = handle;

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
    public override void Write(DeviceBuffer to, long toOffset, PinnedMemory from, long fromOffset, long bytes)
    {
        DeviceRanges.CheckCopy(to.Bytes, toOffset, from.Bytes, fromOffset, bytes);
        if (bytes > 0)
        {
            nint memory = Memory(to);
            int status = _api.EnqueueWrite(Handle, memory, 0, (nuint)toOffset, (nuint)bytes, from.Pointer + fromOffset, 0, null, null);
            OpenClStatus.Check(status, $"copying {bytes} bytes to {device.Info.Name}");
        }
    }

    /// <inheritdoc/>
    public override void Read(DeviceBuffer from, long fromOffset, PinnedMemory to, long toOffset, long bytes)
    {
        DeviceRanges.CheckCopy(from.Bytes, fromOffset, to.Bytes, toOffset, bytes);
        if (bytes > 0)
        {
            nint memory = Memory(from);
            int status = _api.EnqueueRead(Handle, memory, 0, (nuint)fromOffset, (nuint)bytes, to.Pointer + toOffset, 0, null, null);
            OpenClStatus.Check(status, $"copying {bytes} bytes from {device.Info.Name}");
        }
    }

    /// <inheritdoc/>
    public override void Fill(DeviceBuffer buffer, uint word)
    {
        DeviceRanges.CheckFill(buffer.Bytes);
        OpenClStatus.Check(
            _api.EnqueueFill(Handle, Memory(buffer), &word, sizeof(uint), 0, (nuint)buffer.Bytes, 0, null, null), $"filling {buffer.Bytes} bytes");
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes, params ReadOnlySpan<KernelArgument> arguments)
    {
        OpenClKernel own = kernel as OpenClKernel ?? throw new ArgumentException("A kernel of another API.", nameof(kernel));
        if (!DeviceRanges.CheckLaunch(kernel, device.Info, groupsX, groupsY, groupSize, own.LocalBytes + localBytes))
        {
            return;
        }

        SetArguments(own, localBytes, arguments);

        // SAFETY: two axes, as the library is told.
        nuint* global = stackalloc nuint[] { (nuint)groupsX * (nuint)groupSize, (nuint)groupsY };
        nuint* local = stackalloc nuint[] { (nuint)groupSize, 1 };
        int status = _api.EnqueueKernel(Handle, own.Handle, 2, null, global, local, 0, null, null);
        if (status != OpenClStatus.Success)
        {
            throw new DeviceException($"{DeviceRanges.Describe(kernel, groupsX, groupsY, groupSize, localBytes)}: {OpenClStatus.Name(status)}");
        }
    }

    /// <inheritdoc/>
    public override DeviceEvent Record()
    {
        nint mark;
        OpenClStatus.Check(_api.EnqueueMarker(Handle, 0, null, &mark), "marking a queue");

        // Another queue may wait for it, which must not wait for this one to be flushed some time.
        OpenClStatus.Check(_api.Flush(Handle), "flushing a queue");
        return new OpenClEvent(device, mark);
    }

    /// <inheritdoc/>
    public override void WaitFor(DeviceEvent mark)
    {
        nint other = ((OpenClEvent)mark).Handle;
        OpenClStatus.Check(_api.EnqueueBarrier(Handle, 1, &other, null), "waiting for a mark");
    }

    /// <inheritdoc/>
    public override void Finish() => OpenClStatus.Check(_api.Finish(Handle), $"a command of {device.Info.Name} failed");

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_handle != 0)
        {
            _ = _api.Finish(_handle);
            _ = _api.ReleaseQueue(_handle);
            _handle = 0;
        }
    }

    private nint Memory(DeviceBuffer buffer) =>
        buffer is OpenClBuffer own && own.Device == device ? own.Handle : throw new ArgumentException("Memory of another device.", nameof(buffer));

    private void SetArguments(OpenClKernel kernel, int localBytes, ReadOnlySpan<KernelArgument> arguments)
    {
        DeviceRanges.CheckArguments(kernel, kernel.Arguments, arguments.Length, localBytes);

        for (int i = 0; i < arguments.Length; i++)
        {
            ulong bits = arguments[i].Buffer is { } buffer ? (ulong)Memory(buffer) : arguments[i].Bits;
            int status = _api.SetKernelArg(kernel.Handle, (uint)i, (nuint)arguments[i].Bytes, &bits);
            if (status != OpenClStatus.Success)
            {
                throw new DeviceException($"kernel '{kernel.Name}', argument {i} of {arguments[i].Bytes} bytes: {OpenClStatus.Name(status)}");
            }
        }

        if (localBytes > 0)
        {
            int status = _api.SetKernelArg(kernel.Handle, (uint)arguments.Length, (nuint)localBytes, null);
            OpenClStatus.Check(status, $"kernel '{kernel.Name}', {localBytes} bytes of local memory");
        }
    }
}

/// <summary>A mark in an OpenCL queue.</summary>
/// <remarks>SAFETY: the handle is the library's own.</remarks>
internal sealed unsafe class OpenClEvent(OpenClDevice device, nint handle) : DeviceEvent
{
    private const uint CommandEnd = 0x1283;

    private nint _handle = handle;

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
    public override void Wait()
    {
        nint own = Handle;
        OpenClStatus.Check(device.Api.WaitForEvents(1, &own), $"a command of {device.Info.Name} failed");
    }

    /// <inheritdoc/>
    public override double MillisecondsSince(DeviceEvent earlier) => (EndNanos() - ((OpenClEvent)earlier).EndNanos()) / 1e6;

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_handle != 0)
        {
            _ = device.Api.ReleaseEvent(_handle);
            _handle = 0;
        }
    }

    // Differences are small, whatever the device's clock began with.
    private long EndNanos()
    {
        ulong nanos;
        OpenClStatus.Check(device.Api.GetEventProfilingInfo(Handle, CommandEnd, sizeof(ulong), &nanos, null), "asking when a mark was reached");
        return unchecked((long)nanos);
    }
}
