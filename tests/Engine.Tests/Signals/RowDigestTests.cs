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
}
