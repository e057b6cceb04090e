using Engine.TestKit;
using Engine.Training.Devices;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Devices;

[Category("Gpu")]
public class KernelWordTests
{
    private const int Count = 64 * 1_024;
    private const int Results = 12;

    private const string Words = """
        KERNEL words(const GLOBAL float *a, const GLOBAL float *b, const GLOBAL float *c, GLOBAL uint *out)
        {
            int i = GROUP_X * LOCAL_SIZE + LOCAL_ID;
            float x = a[i], y = b[i], z = c[i];
            GLOBAL uint *own = out + i * 12;
            own[0] = FLOAT_BITS(FMA(x, y, z));
            own[1] = FLOAT_BITS(x * y + z);
            own[2] = FLOAT_BITS(DIVIDE(x, y));
            own[3] = FLOAT_BITS(SQRT(ABS(x)));
            own[4] = MUL_HI(FLOAT_BITS(x), FLOAT_BITS(y));
            own[5] = FLOAT_BITS(ABS(x));
            own[6] = FLOAT_BITS(COPY_SIGN(x, y));
            own[7] = IS_FINITE(DIVIDE(x, y)) ? 1u : 0u;
            own[8] = FLOAT_BITS(TF32(x));
            own[9] = FLOAT_BITS(x - y * z);
            own[10] = FLOAT_BITS(BITS_FLOAT(FLOAT_BITS(x) ^ 0x80000000u));
            own[11] = FLOAT_BITS(FLOAT_INFINITY) + (uint)(uchar)(FLOAT_BITS(x) >> 24) + (uint)(ushort)FLOAT_BITS(y) + (uint)((ulong)FLOAT_BITS(z) >> 8);
        }
        """;

    [Test]
    public void Gpu_words_round_as_the_host_does([Values] DeviceApi api)
    {
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.Source(Words));
        ulong seed = Seeds.Take(1).Single();
        Random random = new((int)seed);
        float[] a = Numbers(random), b = Numbers(random), c = Numbers(random);
        using DeviceBuffer x = GpuDevices.Buffer<float>(device, queue, a), y = GpuDevices.Buffer<float>(device, queue, b), z = GpuDevices.Buffer<float>(device, queue, c);
        using DeviceBuffer output = device.Allocate(4L * Results * Count);
        queue.Launch(program.Kernel("words"), Count / 64, 1, 64, 0, x, y, z, output);
        uint[] got = GpuDevices.Read<uint>(device, queue, output);
        for (int i = 0; i < Count; i++)
        {
            uint[] expected = Expected(a[i], b[i], c[i]);
            for (int r = 0; r < Results; r++)
            {
                if (got[(i * Results) + r] != expected[r])
                {
                    Assert.Fail($"result {r} of {a[i]:R}, {b[i]:R}, {c[i]:R} is 0x{got[(i * Results) + r]:X8}, expected 0x{expected[r]:X8}, seed {seed}");
                }
            }
        }

        Assert.That(Enumerable.Range(0, Count).Count(i => got[i * Results] != got[(i * Results) + 1]), Is.GreaterThan(Count / 100), "nothing shows whether FMA fuses");
    }

    [Test]
    public void Gpu_matrix_tiles_multiply_rounded_operands([Values] DeviceApi api, [Values] bool isEmulated)
    {
        // Two warps, each with a tile of its own.
        const string Text = """
            KERNEL_SIZED(64) tile(const GLOBAL float *a, const GLOBAL float *b, GLOBAL float *out)
            {
                float left[A_NUMBERS], right[B_NUMBERS], d[4];
                int first = 16 * (LOCAL_ID / 32);
                for (int n = 0; n < A_NUMBERS; n++)
                {
                    left[n] = TF32(a[(first + A_ROW(n)) * 8 + A_TERM(n)]);
                }

                for (int n = 0; n < B_NUMBERS; n++)
                {
                    right[n] = TF32(b[B_TERM(n) * 8 + B_COLUMN(n)]);
                }

                for (int n = 0; n < 4; n++)
                {
                    d[n] = (float)n;
                }

                multiply_add(d, left, right);
                for (int n = 0; n < 4; n++)
                {
                    out[(first + D_ROW(n)) * 8 + D_COLUMN(n)] = d[n];
                }
            }
            """;
        using ComputeDevice device = GpuDevices.Open(api);
        using DeviceQueue queue = device.CreateQueue();
        using DeviceProgram program = device.Compile(GpuDevices.MatrixUnits(Text, isEmulated));
        Random random = new(7);
        float[] a = [.. Enumerable.Range(0, 2 * 16 * 8).Select(_ => (float)((random.NextDouble() * 4) - 2))];
        float[] b = [.. Enumerable.Range(0, 8 * 8).Select(_ => (float)((random.NextDouble() * 4) - 2))];
        using DeviceBuffer left = GpuDevices.Buffer<float>(device, queue, a), right = GpuDevices.Buffer<float>(device, queue, b), output = device.Allocate(4 * 2 * 16 * 8);
        queue.Launch(program.Kernel("tile"), 1, 1, 64, 0, left, right, output);
        float[] got = GpuDevices.Read<float>(device, queue, output);
        double rounding = 0;
        for (int row = 0; row < 32; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                double start = (2 * (row % 16 / 8)) + (column % 2), exact = start, sum = start;
                for (int k = 0; k < 8; k++)
                {
                    sum += (double)Tf32(a[(row * 8) + k]) * Tf32(b[(k * 8) + column]);
                    exact += (double)a[(row * 8) + k] * b[(k * 8) + column];
                }

                // Matrix units sum in an order of their own.
                Assert.That(got[(row * 8) + column], Is.EqualTo(sum).Within(2e-5), $"row {row}, column {column}");
                rounding = Math.Max(rounding, Math.Abs(exact - sum));
            }
        }

        Assert.That(rounding, Is.GreaterThan(5e-4), "the operands were not rounded");
    }

    // Many magnitudes, and what is near each other; no quotient is subnormal, which devices may flush.
    private static float[] Numbers(Random random) =>
    [
        .. Enumerable.Range(0, Count).Select(i => i % 4 == 0
            ? MathF.ScaleB((float)(random.NextDouble() + 1), random.Next(-30, 30)) * (random.Next(2) == 0 ? 1 : -1)
            : (float)((random.NextDouble() * 2) - 1)),
    ];

    private static uint[] Expected(float x, float y, float z)
    {
        uint xBits = BitConverter.SingleToUInt32Bits(x), yBits = BitConverter.SingleToUInt32Bits(y), zBits = BitConverter.SingleToUInt32Bits(z);
        float product = x * y, second = y * z;
        return
        [
            Bits(MathF.FusedMultiplyAdd(x, y, z)), Bits(product + z), Bits(x / y), Bits(MathF.Sqrt(MathF.Abs(x))), (uint)(((ulong)xBits * yBits) >> 32), Bits(MathF.Abs(x)),
            Bits(MathF.CopySign(x, y)), float.IsFinite(x / y) ? 1u : 0u, Bits(Tf32(x)), Bits(x - second), Bits(-x),
            0x7F80_0000 + (xBits >> 24) + (ushort)yBits + (zBits >> 8),
        ];
    }

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    // Rounded by arithmetic on the digits, ties away from zero.
    private static float Tf32(float x)
    {
        if (x == 0)
        {
            return x;
        }

        int exponent = MathF.ILogB(x);
        double unit = Math.ScaleB(1, exponent - 10);
        return (float)(Math.Round(x / unit, MidpointRounding.AwayFromZero) * unit);
    }
}
