using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;

namespace Engine.Training.Tests.Gpu;

/// <summary>In which order things of a device are given back.</summary>
public class GpuContextTests
{
    [Test]
    public void Queues_are_finished_before_memory_is_freed_even_if_a_command_has_failed()
    {
        var told = new List<string>();
        List<IDisposable> owned =
        [
            new Named("kept", told), new BrokenQueue("queue", told), new Named("memory", told), new BrokenQueue("copies", told), new Named("pinned", told),
        ];
        GpuContext.Free(owned, 1);
        Assert.That(told, Is.EqualTo((string[])["finish queue", "finish copies", "free pinned", "free copies", "free memory", "free queue"]));
        Assert.That(owned, Has.Count.EqualTo(1));
        GpuContext.Free(owned, 0);
        Assert.That((told[^1], owned.Count), Is.EqualTo(("free kept", 0)));
    }

    private sealed class Named(string name, List<string> told) : IDisposable
    {
        public void Dispose() => told.Add($"free {name}");
    }

    /// <summary>Of a device after a fault.</summary>
    private sealed class BrokenQueue(string name, List<string> told) : DeviceQueue
    {
        public override void Write(DeviceBuffer to, long toOffset, PinnedMemory from, long fromOffset, long bytes) => throw new NotSupportedException();

        public override void Read(DeviceBuffer from, long fromOffset, PinnedMemory to, long toOffset, long bytes) => throw new NotSupportedException();

        public override void Fill(DeviceBuffer buffer, uint word) => throw new NotSupportedException();

        public override void Launch(
            DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes, params ReadOnlySpan<KernelArgument> arguments) => throw new NotSupportedException();

        public override DeviceEvent Record() => throw new NotSupportedException();

        public override void WaitFor(DeviceEvent mark) => throw new NotSupportedException();

        public override void Finish()
        {
            told.Add($"finish {name}");
            throw new DeviceException("a command failed");
        }

        public override void Dispose() => told.Add($"free {name}");
    }
}
