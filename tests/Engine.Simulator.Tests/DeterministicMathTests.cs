using System.Buffers.Binary;
using System.Security.Cryptography;
using Engine.Core.Numerics;

namespace Engine.Simulator.Tests;

public class DeterministicMathTests
{
    private const int Draws = 200_000;
    private const double UlpsAllowed = 2.5;

    [Test]
    public void Log_is_within_a_few_units_in_the_last_place()
    {
        var random = new SeededRandom(1);
        double worst = 0;
        for (int i = 0; i < Draws; i++)
        {
            // Every magnitude, then the neighbourhood of 1, where the result is small.
            double wide = BitConverter.UInt64BitsToDouble(random.NextUInt64() & 0x7FEF_FFFF_FFFF_FFFF);
            double nearOne = 1 + ((random.NextDouble() - 0.5) * 1e-3);
            worst = Math.Max(worst, Ulps(DeterministicMath.Log(wide), Math.Log(wide)));
            worst = Math.Max(worst, Ulps(DeterministicMath.Log(nearOne), Math.Log(nearOne)));
        }

        TestContext.Out.WriteLine($"worst error {worst} ulp");
        Assert.That(worst, Is.LessThanOrEqualTo(UlpsAllowed));
    }

    [Test]
    public void Exp_is_within_a_few_units_in_the_last_place()
    {
        var random = new SeededRandom(2);
        double worst = 0;
        for (int i = 0; i < Draws; i++)
        {
            double wide = DeterministicMath.ExpMin + (random.NextDouble() * (DeterministicMath.ExpMax - DeterministicMath.ExpMin));
            double small = (random.NextDouble() - 0.5) * 2;
            worst = Math.Max(worst, Ulps(DeterministicMath.Exp(wide), Math.Exp(wide)));
            worst = Math.Max(worst, Ulps(DeterministicMath.Exp(small), Math.Exp(small)));
        }

        TestContext.Out.WriteLine($"worst error {worst} ulp");
        Assert.That(worst, Is.LessThanOrEqualTo(UlpsAllowed));
    }

    [TestCase(1.0, 0.0)]
    [TestCase(0.0, double.NegativeInfinity)]
    [TestCase(-0.0, double.NegativeInfinity)]
    [TestCase(-1.0, double.NaN)]
    [TestCase(double.NaN, double.NaN)]
    [TestCase(double.PositiveInfinity, double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity, double.NaN)]
    public void Log_of_special_values(double x, double expected) => Assert.That(DeterministicMath.Log(x), Is.EqualTo(expected));

    [TestCase(0.0, 1.0)]
    [TestCase(710.0, double.PositiveInfinity)]
    [TestCase(-800.0, 0.0)]
    [TestCase(double.NaN, double.NaN)]
    [TestCase(double.PositiveInfinity, double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity, 0.0)]
    public void Exp_of_special_values(double x, double expected) => Assert.That(DeterministicMath.Exp(x), Is.EqualTo(expected));

    [Test]
    public void Exp_is_finite_up_to_its_limit() =>
        Assert.That(DeterministicMath.Exp(DeterministicMath.ExpMax), Is.LessThan(double.PositiveInfinity));

    [Test]
    public void Log_of_a_denormal_is_accurate() =>
        Assert.That(Ulps(DeterministicMath.Log(double.Epsilon), Math.Log(double.Epsilon)), Is.LessThanOrEqualTo(1));

    // The bits themselves: another processor or runtime must give these.
    [Test]
    public void The_bits_are_these_everywhere()
    {
        var random = new SeededRandom(3);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 10_000; i++)
        {
            double x = random.NextDouble() * 100;
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, DeterministicMath.Log(x));
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8), DeterministicMath.Exp(-x));
            hash.AppendData(bytes);
        }

        string bits = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.That(bits, Is.EqualTo("b7b1106fe7943ef4168022b16d56ebac644ea6aae2775157dd36c9ac1f049ff5"));
    }

    private static double Ulps(double value, double reference)
    {
        double size = Math.Abs(reference);
        return value.Equals(reference) ? 0 : Math.Abs(value - reference) / (Math.BitIncrement(size) - size);
    }
}
