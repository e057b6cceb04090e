namespace Engine.Training.Devices;

/// <summary>
/// Commands for a device, done in order. All but <see cref="Finish"/> return at once: memory that a command reads or writes must stay as it is until
/// the command is done.
/// </summary>
public abstract class DeviceQueue : IDisposable
{
    /// <summary>Copies to the device.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="toOffset">Byte of it.</param>
    /// <param name="from">Where from.</param>
    /// <param name="fromOffset">Byte of it.</param>
    /// <param name="bytes">How many.</param>
    public abstract void Write(DeviceBuffer to, long toOffset, PinnedMemory from, long fromOffset, long bytes);

    /// <summary>Copies from the device.</summary>
    /// <param name="from">Where from.</param>
    /// <param name="fromOffset">Byte of it.</param>
    /// <param name="to">Where to.</param>
    /// <param name="toOffset">Byte of it.</param>
    /// <param name="bytes">How many.</param>
    public abstract void Read(DeviceBuffer from, long fromOffset, PinnedMemory to, long toOffset, long bytes);

    /// <summary>Fills a buffer with one 32-bit word.</summary>
    /// <param name="buffer">Whose length is a multiple of 4.</param>
    /// <param name="word">The word.</param>
    public abstract void Fill(DeviceBuffer buffer, uint word);

    /// <summary>Runs a kernel.</summary>
    /// <param name="kernel">Which.</param>
    /// <param name="groupsX">Groups along the first axis; 0 runs nothing.</param>
    /// <param name="groupsY">Groups along the second; 0 runs nothing.</param>
    /// <param name="groupSize">Work items of a group, along the first axis.</param>
    /// <param name="localBytes">Local memory of a group beyond what the kernel declares; the kernel gets it as its last argument (see the prelude). More than 0 of a kernel that has that argument, and 0 of any other.</param>
    /// <param name="arguments">The kernel's, in order, without the local memory.</param>
    /// <exception cref="DeviceException">The device refuses; with the kernel's name and sizes.</exception>
    public abstract void Launch(DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes, params ReadOnlySpan<KernelArgument> arguments);

    /// <summary>A mark behind all that was asked for so far.</summary>
    public abstract DeviceEvent Record();

    /// <summary>What is asked for from here on waits for a mark of another queue.</summary>
    public abstract void WaitFor(DeviceEvent mark);

    /// <summary>Waits until all is done.</summary>
    /// <exception cref="DeviceException">A command failed.</exception>
    public abstract void Finish();

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A mark in a queue.</summary>
public abstract class DeviceEvent : IDisposable
{
    /// <summary>Waits until it is reached.</summary>
    public abstract void Wait();

    /// <summary>Milliseconds on the device from an earlier mark, both reached.</summary>
    public abstract double MillisecondsSince(DeviceEvent earlier);

    /// <inheritdoc/>
    public abstract void Dispose();
}
