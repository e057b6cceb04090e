using Engine.Training.Devices;

namespace Engine.Latency.Training.Devices;

/// <summary>A device whose queues tell by the device's own marks how long it was at work: from the first command to the end of the last, burst by burst.</summary>
internal sealed class TimedDevice(ComputeDevice inner) : ComputeDevice
{
    /// <inheritdoc/>
    public override DeviceInfo Info => inner.Info;

    /// <summary>Milliseconds since it was last set to 0, of the queue that launches kernels.</summary>
    public double Milliseconds { get; set; }

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(long bytes) => inner.Allocate(bytes);

    /// <inheritdoc/>
    public override PinnedMemory Pin(long bytes) => inner.Pin(bytes);

    /// <inheritdoc/>
    public override DeviceProgram Compile(KernelSource source) => inner.Compile(source);

    /// <inheritdoc/>
    public override DeviceQueue CreateQueue() => new TimedQueue(this, inner.CreateQueue());

    /// <inheritdoc/>
    public override void Dispose() => inner.Dispose();

    private sealed class TimedQueue(TimedDevice device, DeviceQueue queue) : DeviceQueue
    {
        private DeviceEvent? _first;

        public override void Write(DeviceBuffer to, long toOffset, PinnedMemory from, long fromOffset, long bytes) => queue.Write(to, toOffset, from, fromOffset, bytes);

        public override void Read(DeviceBuffer from, long fromOffset, PinnedMemory to, long toOffset, long bytes) => queue.Read(from, fromOffset, to, toOffset, bytes);

        public override void Fill(DeviceBuffer buffer, uint word) => queue.Fill(buffer, word);

        public override void Launch(
            DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes, params ReadOnlySpan<KernelArgument> arguments)
        {
            _first ??= queue.Record();
            queue.Launch(kernel, groupsX, groupsY, groupSize, localBytes, arguments);
        }

        public override DeviceEvent Record() => queue.Record();

        public override void WaitFor(DeviceEvent mark) => queue.WaitFor(mark);

        public override void Finish()
        {
            if (_first is null)
            {
                queue.Finish();
                return;
            }

            using DeviceEvent last = queue.Record();
            queue.Finish();
            device.Milliseconds += last.MillisecondsSince(_first);
            _first.Dispose();
            _first = null;
        }

        public override void Dispose()
        {
            _first?.Dispose();
            queue.Dispose();
        }
    }
}
