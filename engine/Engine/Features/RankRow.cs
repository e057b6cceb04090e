using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// The row before and its ranks: of the next row only features whose bits changed are looked up again. A rank follows from its feature alone, so
/// that the bits are those of looking up all of them.
/// </summary>
internal sealed class RankRow
{
    private readonly RankTable _table;
    private readonly float[] _raw;
    private readonly float[] _ranks;

    /// <param name="table">Quantiles and values.</param>
    public RankRow(RankTable table)
    {
        _table = table;
        _raw = new float[table.Count];
        _ranks = new float[table.Count];
        for (int i = 0; i < _raw.Length; i++)
        {
            table.Apply(1, i, _raw, _ranks);
        }
    }

    /// <summary>Normalises one row.</summary>
    /// <param name="row">Raw features.</param>
    /// <param name="output">Where the ranks go.</param>
    /// <param name="normaliser">Counts what is NaN or infinite.</param>
    /// <returns>How many features are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Apply(ReadOnlySpan<float> row, Span<float> output, Normaliser normaliser)
    {
        Span<float> raw = _raw;
        row = row[..raw.Length];
        output = output[..raw.Length];
        int missing = 0;
        int i = 0;
        for (; i + Vector256<float>.Count <= row.Length; i += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.Create(row[i..]);
            uint changed = ~Vector256.Equals(x.AsInt32(), Vector256.Create<float>(raw[i..]).AsInt32()).ExtractMostSignificantBits() & 0xFF;
            if (changed != 0)
            {
                x.CopyTo(raw[i..]);
                _table.Apply(changed, i, row, _ranks);
            }

            // x − x is 0 exactly where x is a finite number.
            uint bad = ~Vector256.Equals(x - x, Vector256<float>.Zero).ExtractMostSignificantBits() & 0xFF;
            if (bad != 0)
            {
                missing += normaliser.CountMissing(bad, i);
            }
        }

        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(row);
        for (; i < row.Length; i++)
        {
            if (bits[i] != BitConverter.SingleToInt32Bits(raw[i]))
            {
                raw[i] = row[i];
                _table.Apply(1, i, row, _ranks);
            }

            missing += row[i] - row[i] == 0f ? 0 : normaliser.CountMissing(1, i);
        }

        _ranks.CopyTo(output);
        return missing;
    }
}
