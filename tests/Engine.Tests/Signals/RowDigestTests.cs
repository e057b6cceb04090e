using Engine.Core.Numerics;
using Engine.Signals;
using Engine.TestKit;

namespace Engine.Tests.Signals;

/// <summary>The row hash sees every bit, the order and the length.</summary>
public sealed class RowDigestTests
{
    [Test]
    public void Every_bit_of_every_feature_shows([Values(1, 2, 3, 4, 5, 7, 8, 73)] int length)
    {
        ulong seed = Seeds.Take(1).First();
        var random = new SeededRandom(seed);
        float[] row = [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal())];
        ulong digest = RowDigest.Of(row);
        var seen = new HashSet<ulong> { digest };
        for (int i = 0; i < length; i++)
        {
            for (int bit = 0; bit < 32; bit++)
            {
                float[] changed = [.. row];
                changed[i] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(row[i]) ^ (1 << bit));
                Assert.That(seen.Add(RowDigest.Of(changed)), Is.True, $"seed {seed}, feature {i}, bit {bit}");
            }
        }

        Assert.That(RowDigest.Of([.. row]), Is.EqualTo(digest));
    }

    [Test]
    public void It_is_what_its_definition_says([Range(0, 19)] int length)
    {
        var random = new SeededRandom((ulong)length);
        float[] row = [.. Enumerable.Range(0, length).Select(i => i % 7 == 3 ? float.NaN : (float)random.NextNormal())];
        Assert.That(RowDigest.Of(row), Is.EqualTo(Naive(row)));
    }

    [Test]
    public void Two_exchanged_features_show()
    {
        float[] row = [.. Enumerable.Range(0, 9).Select(i => (float)i)];
        var seen = new HashSet<ulong> { RowDigest.Of(row) };
        for (int i = 0; i < row.Length; i++)
        {
            for (int j = i + 1; j < row.Length; j++)
            {
                float[] changed = [.. row];
                (changed[i], changed[j]) = (row[j], row[i]);
                Assert.That(seen.Add(RowDigest.Of(changed)), Is.True, $"{i} and {j}");
            }
        }
    }

    [Test]
    public void Rows_of_zeros_differ_by_length() =>
        Assert.That(Enumerable.Range(0, 40).Select(n => RowDigest.Of(new float[n])), Is.Unique);

    /// <summary>Word by word, in whole products of 128 bits.</summary>
    private static ulong Naive(float[] row)
    {
        ulong[] sums = [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93];
        ulong[] bits = [.. row.Select(v => (ulong)BitConverter.SingleToUInt32Bits(v))];
        int words = row.Length / 2;
        for (int i = 0; i < words; i++)
        {
            // What is left behind the last four words goes to the first sum.
            ref ulong sum = ref sums[i < words / 4 * 4 ? i % 4 : 0];
            sum = Step(sum, bits[2 * i] | (bits[(2 * i) + 1] << 32));
        }

        if (row.Length % 2 != 0)
        {
            sums[1] = Step(sums[1], bits[^1]);
        }

        return Step(Step(sums[0], sums[1]), Step(sums[2], sums[3])) ^ (ulong)row.Length;
    }

    private static ulong Step(ulong hash, ulong word)
    {
        UInt128 product = (UInt128)(hash ^ word) * 0xBF58476D1CE4E5B9;
        return (ulong)(product >> 64) ^ (ulong)product;
    }
}
