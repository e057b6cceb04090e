using Engine.Training.Devices;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Devices;

[Category("Gpu")]
public class DeviceLaunchTests
{
    [Test]
    public void Gpu_kernels_take_every_kind_of_argument([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source("""
            KERNEL every(int a, GLOBAL ulong *out, uint b, float c, ulong d, const GLOBAL float *in, int last)
            {
                if (LOCAL_ID == 0)
                {
                    out[0] = (ulong)(uint)a;
                    out[1] = b;
                    out[2] = FLOAT_BITS(c);
                    out[3] = d;
                    out[4] = FLOAT_BITS(in[1]);
                    out[5] = (ulong)(uint)last;
                }
            }
            """));
        using DeviceBuffer values = device.Allocate(6 * 8), numbers = GpuDevices.Buffer<float>(device, queue, [1.5f, -2.25f]);
        queue.Launch(program.Kernel("every"), 1, 1, 32, 0, -7, values, 0xFFFF_FFFEu, -0.1f, 0x0123_4567_89AB_CDEFul, numbers, 42);
        ulong[] expected =
        [
            0xFFFF_FFF9, 0xFFFF_FFFE, BitConverter.SingleToUInt32Bits(-0.1f), 0x0123_4567_89AB_CDEF, BitConverter.SingleToUInt32Bits(-2.25f), 42,
        ];
        Assert.That(GpuDevices.Read<ulong>(device, queue, values), Is.EqualTo(expected));
    }

    [TestCase(DeviceApi.OpenCl, 3, 2, 32)]
    [TestCase(DeviceApi.OpenCl, 1, 5, 1)]
    [TestCase(DeviceApi.OpenCl, 7, 1, 96)]
    [TestCase(DeviceApi.OpenCl, 0, 4, 8)]
    [TestCase(DeviceApi.OpenCl, 4, 0, 8)]
    [TestCase(DeviceApi.Cuda, 3, 2, 32)]
    [TestCase(DeviceApi.Cuda, 0, 4, 8)]
    public void Gpu_work_items_know_their_place(DeviceApi api, int groupsX, int groupsY, int groupSize)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source("""
            KERNEL place(GLOBAL int *out)
            {
                int i = ((GROUP_Y * GROUPS_X) + GROUP_X) * LOCAL_SIZE + LOCAL_ID;
                out[i * 6] = GROUP_X;
                out[i * 6 + 1] = GROUP_Y;
                out[i * 6 + 2] = LOCAL_ID;
                out[i * 6 + 3] = GROUPS_X;
                out[i * 6 + 4] = GROUPS_Y;
                out[i * 6 + 5] = LOCAL_SIZE;
            }
            """));
        int items = groupsX * groupsY * groupSize;
        using DeviceBuffer places = device.Allocate(4 * ((6 * items) + 1));
        queue.Fill(places, 99);
        queue.Launch(program.Kernel("place"), groupsX, groupsY, groupSize, 0, places);
        var expected = new List<int>();
        for (int i = 0; i < items; i++)
        {
            int group = i / groupSize;
            expected.AddRange([group % groupsX, group / groupsX, i % groupSize, groupsX, groupsY, groupSize]);
        }

        Assert.That(GpuDevices.Read<int>(device, queue, places), Is.EqualTo((int[])[.. expected, 99]));
    }

    [Test]
    public void Gpu_groups_share_local_memory_of_either_kind([Values] DeviceApi api, [Values(16, 64)] int groupSize)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source("""
            CONSTANT_TABLE float weights[4] = { 1.0f, 2.0f, 4.0f, 8.0f };

            KERNEL_SIZED(GROUP) reversed(GLOBAL float *values, int factor, LOCAL_ARGUMENT(scratch))
            {
                LOCAL_BEGIN(scratch);
                LOCAL_FIXED(int, places, GROUP);
                LOCAL float *second = scratch + LOCAL_SIZE;
                int i = GROUP_X * LOCAL_SIZE + LOCAL_ID;
                scratch[LOCAL_ID] = values[i];
                second[LOCAL_ID] = (float)factor * weights[LOCAL_ID % 4];
                places[LOCAL_ID] = LOCAL_SIZE - 1 - LOCAL_ID;
                BARRIER();
                values[i] = scratch[places[LOCAL_ID]] + second[(LOCAL_ID + 1) % LOCAL_SIZE];
            }
            """, ("GROUP", groupSize.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        float[] values = [.. Enumerable.Range(0, 8 * groupSize).Select(i => (float)i)];
        using DeviceBuffer buffer = GpuDevices.Buffer<float>(device, queue, values);
        DeviceKernel kernel = program.Kernel("reversed");
        queue.Launch(kernel, 8, 1, groupSize, 2 * 4 * groupSize, buffer, 1_000);
        IEnumerable<float> expected = values.Select((_, i) =>
        {
            int group = i / groupSize, local = i % groupSize;
            return (float)((group * groupSize) + groupSize - 1 - local + (1_000 * (1 << ((local + 1) % groupSize % 4))));
        });
        Assert.That(GpuDevices.Read<float>(device, queue, buffer), Is.EqualTo(expected));
        Assert.That(kernel.Resources, Does.Contain("local"));
        Assert.That(kernel.MaxGroupSize, Is.GreaterThanOrEqualTo(groupSize));
    }

    [Test]
    public void Gpu_launches_beyond_the_device_are_refused_in_words([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source("KERNEL small(GLOBAL float *v) { v[LOCAL_ID] = 1.0f; }"));
        DeviceKernel small = program.Kernel("small");
        using DeviceBuffer buffer = device.Allocate(4 * 64);
        DeviceException large = Assert.Throws<DeviceException>(() => queue.Launch(small, 1, 1, 1 << 20, 0, buffer))!;
        Assert.That(large.Message, Does.Contain("small").And.Contain("1048576").And.Contain(device.Info.Name));
        DeviceException local = Assert.Throws<DeviceException>(() => queue.Launch(small, 1, 1, 64, 1 << 30, buffer))!;
        Assert.That(local.Message, Does.Contain("small").And.Contain("1073741824"));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Launch(small, -1, 1, 64, 0, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Launch(small, 1, 1, 0, 0, buffer));
    }

    [Test]
    public void Gpu_arguments_that_do_not_fit_are_refused_in_words()
    {
        using ComputeDevice device = GpuDevices.Open(DeviceApi.OpenCl), other = GpuDevices.Open(DeviceApi.OpenCl);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source("""
            KERNEL small(GLOBAL float *v, ulong n) { v[LOCAL_ID] = (float)n; }

            KERNEL sharing(GLOBAL float *v, LOCAL_ARGUMENT(scratch))
            {
                LOCAL_BEGIN(scratch);
                scratch[LOCAL_ID] = 2.0f;
                v[LOCAL_ID] = scratch[LOCAL_ID];
            }
            """));
        DeviceKernel small = program.Kernel("small");
        using DeviceBuffer buffer = device.Allocate(4 * 64), elsewhere = other.Allocate(4 * 64);
        Assert.That(Refused(() => queue.Launch(small, 1, 1, 64, 0, buffer)), Does.Contain("'small' has 2 arguments; it was given 1"));
        Assert.That(Refused(() => queue.Launch(small, 1, 1, 64, 0, buffer, 1ul, 2)), Does.Contain("'small' has 2 arguments; it was given 3"));
        Assert.That(Refused(() => queue.Launch(small, 1, 1, 64, 16, buffer, 1ul)), Does.Contain("and local memory"));
        DeviceKernel sharing = program.Kernel("sharing");
        Assert.That(Refused(() => queue.Launch(sharing, 1, 1, 64, 0, buffer)), Does.Contain("'sharing' has 2 arguments; it was given 1"));
        queue.Launch(sharing, 1, 1, 64, 4 * 64, buffer);
        queue.Finish();
        Assert.That(Refused(() => queue.Launch(small, 1, 1, 64, 0, buffer, 1)), Does.Contain("argument 1 of 4 bytes: CL_INVALID_ARG_SIZE"));
        Assert.Throws<ArgumentException>(() => queue.Launch(small, 1, 1, 64, 0, elsewhere, 1ul));

        static string Refused(Action launch) => Assert.Throws<DeviceException>(launch)!.Message;
    }

    [Test]
    public void Gpu_memory_that_is_not_there_is_refused_in_words([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        DeviceException e = Assert.Throws<DeviceException>(() => device.Allocate(1L << 60))!;
        Assert.That(e.Message, Does.Contain("1152921504606846976").And.Contain(device.Info.Name).And.Match("CL_|CUDA_ERROR"));
        Assert.That(e.Message, Does.EndWith("Next: a smaller batch, or fewer networks side by side."));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Pin(-1));
    }

    [Test]
    public void Gpu_devices_are_opened_twice_and_leave_nothing_behind([Values] DeviceApi api)
    {
        using ComputeDevice first = GpuDevices.Open(api), second = GpuDevices.Open(api);
        foreach (ComputeDevice device in (ComputeDevice[])[first, second, first])
        {
            using DeviceQueue queue = device.CreateQueue();
            using DeviceBuffer buffer = GpuDevices.Buffer<int>(device, queue, [1, 2, 3]);
            Assert.That(GpuDevices.Read<int>(device, queue, buffer), Is.EqualTo((int[])[1, 2, 3]));
        }

        Assert.That((first.OpenObjects, second.OpenObjects), Is.EqualTo((0, 0)));
        DeviceBuffer kept = second.Allocate(8);
        kept.Dispose();
        kept.Dispose();
        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Allocate(8));
        Assert.Throws<ObjectDisposedException>(() => second.CreateQueue().Fill(kept, 1));
    }
}
