using Engine.Features;

namespace Engine.Tests.Features;

/// <summary>One pattern for each value, at every place of a row.</summary>
public sealed class CanonicalBitsTests
{
    private static readonly uint[] s_nans = [0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFFF_FFFF, 0x7FFF_FFFF];
    private static readonly uint[] s_kept = [0, 1, 0x8000_0001, 0x3F80_0000, 0x7F80_0000, 0xFF80_0000, 0x7F7F_FFFF];

    [Test]
    public void Values_keep_their_bits_but_for_nan_and_minus_zero([Range(1, 33)] int length)
    {
        uint nan = BitConverter.SingleToUInt32Bits(float.NaN);
        (uint Given, uint Expected)[] cases = [.. s_nans.Select(b => (b, nan)), .. s_kept.Select(b => (b, b)), (0x8000_0000, 0u)];
        for (int at = 0; at < length; at++)
        {
            foreach ((uint given, uint expected) in cases)
            {
                float[] row = new float[length];
                row[at] = BitConverter.UInt32BitsToSingle(given);
                Assert.That(BitConverter.SingleToUInt32Bits(CanonicalBits.Of(row[at])), Is.EqualTo(expected), $"{given:x8}");
                CanonicalBits.Apply(row);
                Assert.That(row.Select(BitConverter.SingleToUInt32Bits), Is.EqualTo(Enumerable.Range(0, length).Select(i => i == at ? expected : 0u)), $"{given:x8} at {at}");
            }
        }
    }
}
