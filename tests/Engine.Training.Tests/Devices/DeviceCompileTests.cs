using Engine.Training.Devices;
using Engine.Training.Devices.Cuda;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Devices;

[Category("Gpu")]
public class DeviceCompileTests
{
    private const string Good = """
        // A comment.
        INLINE float helper(float x)
        {
            return x * FACTOR;
        }
        """;

    private const string Bad = """
        KERNEL fine(GLOBAL float *values)
        {
            values[LOCAL_ID] = helper(1.0f);
        }

        KERNEL broken(GLOBAL float *values)
        {
            values[0] = missing_word + 1.0f;
            values[1] = helper(2.0f)
        }
        """;

    [Test]
    public void Gpu_compile_errors_show_the_kernels_own_line([Values] DeviceApi api)
    {
        DeviceException e = Assert.Throws<DeviceException>(() => Compile(api, Source(Good, Bad)))!;
        string[] lines = e.Message.Split('\n');
        Assert.That(lines[0], Does.Contain("'sums'"));
        int shown = Array.FindIndex(lines, line => line.StartsWith("second.cl:8:", StringComparison.Ordinal) && line.Contains("error", StringComparison.Ordinal));
        Assert.That(shown, Is.GreaterThan(0), e.Message);
        Assert.That(lines[shown], Does.Contain("missing_word"));
        Assert.That(lines[shown + 1].Trim(), Is.EqualTo("values[0] = missing_word + 1.0f;"));
        Assert.That(lines.Any(line => line.StartsWith("second.cl:9:", StringComparison.Ordinal) || line.StartsWith("second.cl:10:", StringComparison.Ordinal)), e.Message);
        Assert.That(e.Message, Does.Not.Contain("first.cl"));
    }

    [Test]
    public void Gpu_compile_errors_are_told_by_file([Values] DeviceApi api)
    {
        DeviceException e = Assert.Throws<DeviceException>(() => Compile(api, Source(Good.Replace("FACTOR", "FACTOR_X", StringComparison.Ordinal), "")))!;
        Assert.That(e.Message, Does.Contain("\nfirst.cl:4:").And.Contain("return x * FACTOR_X;"));
    }

    [Test]
    public void Gpu_compile_complaints_have_an_end([Values] DeviceApi api)
    {
        string many = string.Concat(Enumerable.Range(0, 100).Select(i => $"KERNEL k{i}(GLOBAL float *v) {{ v[0] = nothing{i}; }}\n"));
        DeviceException e = Assert.Throws<DeviceException>(() => Compile(api, Source(Good, many)))!;
        Assert.That(e.Message, Does.Contain("second.cl:1:"));
        Assert.That(e.Message.Split('\n'), Has.Length.InRange(10, 45));
    }

    [Test]
    public void Gpu_programs_say_which_kernel_they_lack([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceProgram program = device.Compile(Source(Good, "KERNEL there(GLOBAL float *v) { v[0] = helper(3.0f); }"));
        DeviceKernel there = program.Kernel("there");
        Assert.That(there.Name, Is.EqualTo("there"));
        Assert.That(program.Kernel("there"), Is.SameAs(there));
        Assert.That(Assert.Throws<DeviceException>(() => program.Kernel("absent"))!.Message, Does.Contain("'absent'"));
        program.Dispose();
        program.Dispose();
        Assert.Throws<ObjectDisposedException>(() => program.Kernel("there"));
    }

    [Test]
    public void Gpu_machine_code_comes_with_what_it_takes()
    {
        CudaImage image = GpuDevices.Nvrtc(Source(Good, """
            KERNEL_SIZED(32) spilling(GLOBAL float *values, int n)
            {
                float own[512];
                for (int i = 0; i < 512; i++)
                {
                    own[i] = values[i * 32 + LOCAL_ID];
                }

                for (int i = 0; i < n; i++)
                {
                    own[(i * 7) % 512] += helper(own[i % 512]);
                }

                values[LOCAL_ID] = own[n];
            }

            KERNEL small(GLOBAL float *values, LOCAL_ARGUMENT(scratch))
            {
                LOCAL_BEGIN(scratch);
                LOCAL_FIXED(float, own, 48);
                own[LOCAL_ID % 48] = scratch[0];
                BARRIER();
                values[LOCAL_ID] = own[3];
            }
            """), "sm_90");
        Assert.That(image.Architecture, Is.EqualTo("sm_90"));
        Assert.That(image.Bytes.AsSpan(0, 4).SequenceEqual("\u007fELF"u8));
        Assert.That(image.Kernels.Keys, Is.EquivalentTo((string[])["spilling", "small"]));
        Assert.That(image.Kernels["spilling"].StackBytes, Is.EqualTo(2_048));
        Assert.That(image.Kernels["small"], Is.EqualTo(new KernelRegisters(image.Kernels["small"].Registers, 0, 0, 0, 4 * 48)));
        Assert.That(image.Kernels["small"].Registers, Is.InRange(2, 32));
        Assert.That(image.Log, Is.Empty);
    }

    [Test]
    public void Gpu_newer_architectures_get_ptx()
    {
        CudaImage image = GpuDevices.Nvrtc(Source(Good, "KERNEL k(GLOBAL float *v) { v[0] = helper(v[1]); }"), "sm_999");
        Assert.That(image.Architecture, Does.StartWith("compute_"));
        Assert.That(System.Text.Encoding.UTF8.GetString(image.Bytes), Does.Contain(".visible .entry k("));
        Assert.That(image.Kernels, Is.Empty);
        Assert.That(
            Assert.Throws<DeviceException>(() => NvrtcCompiler.Compile(Source(Good, ""), "sm_20"))!.Message, Does.Contain("no architecture up to sm_20"));
    }

    [Test]
    public void Gpu_operands_of_matrix_units_reach_them()
    {
        const string Text = """
            KERNEL_SIZED(32) tile(const GLOBAL float *a, const GLOBAL float *b, GLOBAL float *out)
            {
                float left[A_NUMBERS], right[B_NUMBERS], d[4] = { 0.0f, 0.0f, 0.0f, 0.0f };
                for (int n = 0; n < A_NUMBERS; n++)
                {
                    left[n] = TF32(a[A_ROW(n) * 8 + A_TERM(n)]);
                }

                for (int n = 0; n < B_NUMBERS; n++)
                {
                    right[n] = TF32(b[B_TERM(n) * 8 + B_COLUMN(n)]);
                }

                multiply_add(d, left, right);
                out[LOCAL_ID] = d[0] + d[1] + d[2] + d[3];
            }
            """;
        const string Instruction = "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32";
        Assert.That(Ptx(isEmulated: false), Does.Contain(Instruction));
        Assert.That(Ptx(isEmulated: true), Does.Not.Contain(Instruction).And.Contain("fma.rn.f32"));
        Assert.That(GpuDevices.Nvrtc(GpuDevices.MatrixUnits(Text), "sm_75").Kernels["tile"].Registers, Is.GreaterThan(0), "devices without them multiply in plain loops");

        static string Ptx(bool isEmulated) => System.Text.Encoding.UTF8.GetString(GpuDevices.Nvrtc(GpuDevices.MatrixUnits(Text, isEmulated), "sm_999").Bytes);
    }

    [Test]
    public void Gpu_products_and_sums_stay_apart_on_cuda()
    {
        CudaImage image = GpuDevices.Nvrtc(Source(Good, """
            KERNEL apart(GLOBAL float *v) { v[0] = v[1] * v[2] + v[3]; v[4] = DIVIDE(v[5], v[6]); v[7] = SQRT(v[8]); v[9] = v[10] / v[11]; }
            KERNEL fused(GLOBAL float *v) { v[0] = FMA(v[1], v[2], v[3]); }
            """), "sm_999");
        string ptx = System.Text.Encoding.UTF8.GetString(image.Bytes);
        string apart = ptx[ptx.IndexOf(".entry apart", StringComparison.Ordinal)..ptx.IndexOf(".entry fused", StringComparison.Ordinal)];
        Assert.That(apart, Does.Not.Contain("fma.rn").And.Contain("div.rn.f32").And.Contain("sqrt.rn.f32").And.Not.Contain("approx").And.Not.Contain("ftz"));
        Assert.That(ptx[ptx.IndexOf(".entry fused", StringComparison.Ordinal)..], Does.Contain("fma.rn.f32"));
    }

    private static KernelSource Source(string first, string second) =>
        new("sums", [("first.cl", first), ("second.cl", second)], [("FACTOR", "3.0f"), ("UNUSED", "")]);

    // CUDA's compiler needs no device.
    private static void Compile(DeviceApi api, KernelSource source)
    {
        if (api == DeviceApi.Cuda)
        {
            _ = GpuDevices.Nvrtc(source, "sm_90");
            return;
        }

        using ComputeDevice device = GpuDevices.Open(api);
        device.Compile(source).Dispose();
    }
}
