using Engine.Features;

namespace Engine.Tests.Features;

/// <summary>One pattern for each value.</summary>
public sealed class CanonicalBitsTests
{
    [TestCase(0x7FC0_0000u)]
    [TestCase(0xFFC0_0000u)]
    [TestCase(0x7F80_0001u)]
    [TestCase(0xFFFF_FFFFu)]
    [TestCase(0x7FFF_FFFFu)]
    public void Every_nan_becomes_one(uint bits) => Assert.That(Of(bits), Is.EqualTo(BitConverter.SingleToUInt32Bits(float.NaN)));

    [TestCase(0u)]
    [TestCase(1u)]
    [TestCase(0x8000_0001u)]
    [TestCase(0x3F80_0000u)]
    [TestCase(0x7F80_0000u)]
    [TestCase(0xFF80_0000u)]
    [TestCase(0x7F7F_FFFFu)]
    public void Other_values_keep_their_bits(uint bits) => Assert.That(Of(bits), Is.EqualTo(bits));

    [Test]
    public void Minus_zero_becomes_zero() => Assert.That(Of(0x8000_0000), Is.Zero);

    private static uint Of(uint bits) => BitConverter.SingleToUInt32Bits(CanonicalBits.Of(BitConverter.UInt32BitsToSingle(bits)));
}
