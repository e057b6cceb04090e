using System.Diagnostics;
using Engine.Training.Devices;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Devices;

[Category("Gpu")]
public class DeviceQueueTests
{
    private const string Add = """
        KERNEL add(GLOBAL uint *values, uint by, int n)
        {
            int i = GROUP_X * LOCAL_SIZE + LOCAL_ID;
            if (i < n)
            {
                values[i] += by;
            }
        }

        // Takes its time, in a way that no compiler sees through.
        KERNEL scramble(GLOBAL uint *values, int rounds)
        {
            int i = GROUP_X * LOCAL_SIZE + LOCAL_ID;
            uint word = values[i];
            for (int r = 0; r < rounds; r++)
            {
                word ^= word << 13;
                word ^= word >> 17;
                word ^= word << 5;
            }

            values[i] = word;
        }
        """;

    [Test]
    public void Gpu_copies_go_there_and_back([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        const int Bytes = 100_003;
        using PinnedMemory there = device.Pin(Bytes), back = device.Pin(Bytes);
        using DeviceBuffer buffer = device.Allocate(Bytes);
        Random random = new(5);
        random.NextBytes(there.As<byte>());
        back.As<byte>().Clear();
        queue.Write(buffer, 0, there, 0, Bytes);
        queue.Write(buffer, 7, there, 1_000, 501);
        queue.Read(buffer, 3, back, 5, Bytes - 20);
        queue.Write(buffer, 0, there, 0, 0);
        queue.Finish();
        byte[] expected = there.As<byte>().ToArray();
        there.As<byte>().Slice(1_000, 501).CopyTo(expected.AsSpan(7));
        Assert.That(back.As<byte>().Slice(5, Bytes - 20).SequenceEqual(expected.AsSpan(3, Bytes - 20)));
        Assert.That(back.As<byte>()[..5].ToArray(), Is.All.Zero);
        Assert.That(back.As<byte>()[(Bytes - 15)..].ToArray(), Is.All.Zero);
    }

    [TestCase(-1, 0, 8)]
    [TestCase(0, -1, 8)]
    [TestCase(0, 0, 65)]
    [TestCase(60, 0, 5)]
    [TestCase(0, 1, 64)]
    [TestCase(0, 0, -1)]
    [TestCase(long.MaxValue, 0, 8)]
    public void Gpu_copies_stay_inside_their_memory(long deviceOffset, long hostOffset, long bytes)
    {
        using ComputeDevice device = GpuDevices.Open(DeviceApi.OpenCl);
        using DeviceQueue queue = device.CreateQueue();
        using PinnedMemory host = device.Pin(64);
        using DeviceBuffer buffer = device.Allocate(64);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Write(buffer, deviceOffset, host, hostOffset, bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Read(buffer, deviceOffset, host, hostOffset, bytes));
    }

    [Test]
    public void Gpu_buffers_are_filled([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceBuffer buffer = device.Allocate(4 * 1_001), odd = device.Allocate(7);
        queue.Fill(buffer, 0xDEAD_BEEF);
        Assert.That(GpuDevices.Read<uint>(device, queue, buffer), Has.Length.EqualTo(1_001).And.All.EqualTo(0xDEAD_BEEF));
        queue.Fill(buffer, 0);
        Assert.That(GpuDevices.Read<uint>(device, queue, buffer), Is.All.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Fill(odd, 1));
    }

    [Test]
    public void Gpu_queues_wait_for_each_others_marks([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue copies = device.CreateQueue(), kernels = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source(Add));
        DeviceKernel add = program.Kernel("add"), scramble = program.Kernel("scramble");
        const int Count = 4_096, Rounds = 20;

        // Two buffers in turn: one is copied to and from while the other is worked on.
        PinnedMemory[] host = [device.Pin(4 * Count), device.Pin(4 * Count)];
        DeviceBuffer[] memory = [device.Allocate(4 * Count), device.Allocate(4 * Count)];
        var copied = new DeviceEvent?[2];
        for (int round = 0; round < Rounds; round++)
        {
            int turn = round % 2;
            if (copied[turn] is { } before)
            {
                before.Wait();
                Check(host[turn].As<uint>(), round - 2);
                before.Dispose();
            }

            host[turn].As<uint>().Fill((uint)round + 1);
            copies.Write(memory[turn], 0, host[turn], 0, 4 * Count);
            using DeviceEvent written = copies.Record();
            kernels.WaitFor(written);
            kernels.Launch(scramble, Count / 64, 1, 64, 0, memory[turn], 1_000);
            kernels.Launch(add, Count / 64, 1, 64, 0, memory[turn], (uint)round, Count);
            using DeviceEvent done = kernels.Record();
            copies.WaitFor(done);
            copies.Read(memory[turn], 0, host[turn], 0, 4 * Count);
            copied[turn] = copies.Record();
        }

        copies.Finish();
        Check(host[0].As<uint>(), Rounds - 2);
        Check(host[1].As<uint>(), Rounds - 1);
        foreach (IDisposable? used in (IDisposable?[])[.. host, .. memory, .. copied])
        {
            used?.Dispose();
        }

        static void Check(Span<uint> values, int round)
        {
            uint word = (uint)round + 1;
            for (int r = 0; r < 1_000; r++)
            {
                word ^= word << 13;
                word ^= word >> 17;
                word ^= word << 5;
            }

            Assert.That(values.ToArray(), Is.All.EqualTo(word + (uint)round), $"round {round}");
        }
    }

    [Test]
    public void Gpu_marks_tell_the_devices_time([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source(Add));
        using DeviceBuffer buffer = GpuDevices.Buffer<uint>(device, queue, [.. Enumerable.Range(1, 1_024).Select(i => (uint)i)]);
        DeviceKernel scramble = program.Kernel("scramble");
        queue.Launch(scramble, 16, 1, 64, 0, buffer, 1);
        queue.Finish();
        long began = Stopwatch.GetTimestamp();
        using DeviceEvent first = queue.Record();
        queue.Launch(scramble, 16, 1, 64, 0, buffer, 20_000);
        using DeviceEvent second = queue.Record();
        queue.Launch(scramble, 16, 1, 64, 0, buffer, 20_000);
        using DeviceEvent third = queue.Record();
        third.Wait();
        double wall = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        double one = second.MillisecondsSince(first), both = third.MillisecondsSince(first);
        Assert.That(one, Is.GreaterThan(0));
        Assert.That(both, Is.GreaterThan(one));
        Assert.That(both, Is.EqualTo(one + third.MillisecondsSince(second)).Within(1e-3));
        Assert.That(wall, Is.GreaterThan(both), "the device was not busy longer than the host waited");
        Assert.That(first.MillisecondsSince(second), Is.EqualTo(-one).Within(1e-3));
    }
}
