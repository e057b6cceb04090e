namespace Engine.Training.Devices;

/// <summary>A device that is opened: memory, programs and queues are made from it. Not thread-safe.</summary>
public abstract class ComputeDevice : IDisposable
{
    /// <summary>What it is.</summary>
    public abstract DeviceInfo Info { get; }

    /// <summary>Memory and programs of it that are not yet disposed.</summary>
    internal int OpenObjects { get; set; }

    /// <summary>Memory on the device; its contents are undefined.</summary>
    /// <param name="bytes">At least 1.</param>
    /// <exception cref="DeviceException">There is not so much; the message says how much was asked for.</exception>
    public abstract DeviceBuffer Allocate(long bytes);

    /// <summary>Memory of the host that the device copies from and to by itself.</summary>
    /// <param name="bytes">At least 1.</param>
    public abstract PinnedMemory Pin(long bytes);

    /// <summary>Compiles a program.</summary>
    /// <exception cref="DeviceException">The compiler's errors, by the kernel's own file and line, with that line's text.</exception>
    public abstract DeviceProgram Compile(KernelSource source);

    /// <summary>A queue whose commands are done in order; those of two queues side by side.</summary>
    public abstract DeviceQueue CreateQueue();

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>Memory on a device.</summary>
public abstract class DeviceBuffer : IDisposable
{
    /// <summary>Its length.</summary>
    public abstract long Bytes { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>Memory of the host, locked to its place.</summary>
public abstract unsafe class PinnedMemory : IDisposable
{
    /// <summary>Its length.</summary>
    public abstract long Bytes { get; }

    /// <summary>Its first byte, valid until it is disposed.</summary>
    public abstract byte* Pointer { get; }

    /// <summary>Its contents as numbers.</summary>
    // SAFETY: as long as the memory.
    public Span<T> As<T>()
        where T : unmanaged => new(Pointer, checked((int)(Bytes / sizeof(T))));

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A compiled program.</summary>
public abstract class DeviceProgram : IDisposable
{
    /// <summary>What the compiler said beside errors; empty for nothing.</summary>
    public abstract string Log { get; }

    /// <summary>One of its kernels.</summary>
    /// <param name="name">The function's name.</param>
    /// <exception cref="DeviceException">There is none of that name.</exception>
    public abstract DeviceKernel Kernel(string name);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A kernel of a program, valid as long as it.</summary>
public abstract class DeviceKernel
{
    /// <summary>The function's name.</summary>
    public abstract string Name { get; }

    /// <summary>Most work items of a group of this kernel.</summary>
    public abstract int MaxGroupSize { get; }

    /// <summary>What it takes, in words: registers, local bytes, spilled bytes, as far as the device tells.</summary>
    public abstract string Resources { get; }
}
