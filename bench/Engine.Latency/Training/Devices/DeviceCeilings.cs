using Engine.Training.Devices;

namespace Engine.Latency.Training.Devices;

/// <summary>What a device reaches at most, measured: fused multiply-adds out of registers, and a large copy.</summary>
/// <param name="FlopsPerSecond">float32 operations a second; a fused multiply-add is two.</param>
/// <param name="BytesPerSecond">Read and written.</param>
internal sealed record DeviceCeilings(double FlopsPerSecond, double BytesPerSecond)
{
    private const int GroupSize = 256;
    private const int Chains = 8;
    private const int Tries = 5;

    // Eight chains of sums a work item hide the latency of each; the result is written, so that none is left out.
    private const string Text = """
        KERNEL_SIZED(256) multiply_add(GLOBAL float *out, float factor, int rounds)
        {
            float sums[8];
            UNROLL
            for (int i = 0; i < 8; i++)
            {
                sums[i] = (float)(LOCAL_ID + i);
            }

            for (int r = 0; r < rounds; r++)
            {
                UNROLL
                for (int i = 0; i < 8; i++)
                {
                    sums[i] = FMA(sums[i], factor, 0.5f);
                }
            }

            float sum = 0.0f;
            UNROLL
            for (int i = 0; i < 8; i++)
            {
                sum += sums[i];
            }

            out[GROUP_X * LOCAL_SIZE + LOCAL_ID] = sum;
        }

        KERNEL_SIZED(256) copy(const GLOBAL ulong *from, GLOBAL ulong *to, ulong count)
        {
            ulong stride = (ulong)GROUPS_X * (ulong)LOCAL_SIZE;
            for (ulong i = (ulong)GROUP_X * (ulong)LOCAL_SIZE + (ulong)LOCAL_ID; i < count; i += stride)
            {
                to[i] = from[i];
            }
        }
        """;

    /// <summary>Measures a device: the best of some tries.</summary>
    /// <param name="device">Which.</param>
    /// <param name="isSmall">Only to see that it runs.</param>
    public static DeviceCeilings Measure(ComputeDevice device, bool isSmall)
    {
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(new KernelSource("ceilings", [("ceilings.cl", Text)], []));
        int groups = isSmall ? 4 : device.Info.ComputeUnits * 32, rounds = isSmall ? 1_000 : 20_000;
        long bytes = isSmall ? 1 << 20 : Math.Min(1L << 30, device.Info.GlobalBytes / 8);
        using DeviceBuffer from = device.Allocate(bytes), to = device.Allocate(Math.Max(bytes, (long)groups * GroupSize * sizeof(float)));
        queue.Fill(from, 0x3F80_0000);
        DeviceKernel multiplyAdd = program.Kernel("multiply_add"), copy = program.Kernel("copy");
        double arithmetic = 0, bandwidth = 0;
        for (int i = 0; i < Tries; i++)
        {
            double seconds = Seconds(queue, q => q.Launch(multiplyAdd, groups, 1, GroupSize, 0, to, 0.999f, rounds));
            arithmetic = Math.Max(arithmetic, 2.0 * Chains * rounds * groups * GroupSize / seconds);
            seconds = Seconds(queue, q => q.Launch(copy, groups, 1, GroupSize, 0, from, to, (ulong)bytes / sizeof(ulong)));
            bandwidth = Math.Max(bandwidth, 2.0 * bytes / seconds);
        }

        return new DeviceCeilings(arithmetic, bandwidth);
    }

    private static double Seconds(DeviceQueue queue, Action<DeviceQueue> launch)
    {
        using DeviceEvent before = queue.Record();
        launch(queue);
        using DeviceEvent behind = queue.Record();
        behind.Wait();
        return behind.MillisecondsSince(before) / 1e3;
    }
}
