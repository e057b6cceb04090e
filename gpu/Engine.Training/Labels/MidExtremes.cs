namespace Engine.Training.Labels;

/// <summary>
/// Answers, over a fixed series of prices, which is the largest and the smallest in a range, and where one is first met that is at or beyond
/// a level: a tree of extremes over blocks. An answer costs at most two blocks and a path; the tree takes a sixteenth of the series.
/// </summary>
internal sealed class MidExtremes
{
    private const int BlockSize = 32;

    private readonly ReadOnlyMemory<long> _values;
    private readonly int _leaves;
    private readonly long[] _high;
    private readonly long[] _low;

    /// <param name="values">The series; <see cref="QuoteTape.NoMid"/> counts as no price.</param>
    public MidExtremes(ReadOnlyMemory<long> values)
    {
        _values = values;
        int blocks = (values.Length + BlockSize - 1) / BlockSize;
        _leaves = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, blocks));
        _high = new long[2 * _leaves];
        _low = new long[2 * _leaves];
        Array.Fill(_high, long.MinValue);
        Array.Fill(_low, long.MaxValue);
        for (int i = 0; i < values.Length; i++)
        {
            long value = values.Span[i];
            if (value != QuoteTape.NoMid)
            {
                ref long high = ref _high[_leaves + (i / BlockSize)];
                ref long low = ref _low[_leaves + (i / BlockSize)];
                (high, low) = (Math.Max(high, value), Math.Min(low, value));
            }
        }

        for (int node = _leaves - 1; node > 0; node--)
        {
            _high[node] = Math.Max(_high[2 * node], _high[(2 * node) + 1]);
            _low[node] = Math.Min(_low[2 * node], _low[(2 * node) + 1]);
        }
    }

    /// <summary>The largest and the smallest price of entries [from, to); <see cref="long.MinValue"/> and <see cref="long.MaxValue"/> where there is none.</summary>
    public (long High, long Low) Range(int from, int to)
    {
        (long high, long low) = (long.MinValue, long.MaxValue);
        int first = (from + BlockSize - 1) / BlockSize;
        int last = to / BlockSize;
        if (first >= last)
        {
            return Scan(from, to, high, low);
        }

        (high, low) = Scan(from, first * BlockSize, high, low);
        (high, low) = Scan(last * BlockSize, to, high, low);
        for ((int left, int right) = (first + _leaves, last + _leaves); left < right; left /= 2, right /= 2)
        {
            if ((left & 1) != 0)
            {
                (high, low) = (Math.Max(high, _high[left]), Math.Min(low, _low[left]));
                left++;
            }

            if ((right & 1) != 0)
            {
                right--;
                (high, low) = (Math.Max(high, _high[right]), Math.Min(low, _low[right]));
            }
        }

        return (high, low);
    }

    /// <summary>The first entry from one on whose price is at or above one level, or at or below another; the series' length where there is none.</summary>
    public int FirstBeyond(int from, long upper, long lower)
    {
        int count = _values.Length;
        for (int i = from; i < count;)
        {
            if (i % BlockSize == 0)
            {
                int block = NextBlock(i / BlockSize, upper, lower);
                if (block < 0)
                {
                    return count;
                }

                i = Math.Max(i, block * BlockSize);
            }

            for (int end = Math.Min(count, ((i / BlockSize) + 1) * BlockSize); i < end; i++)
            {
                long value = _values.Span[i];
                if (value != QuoteTape.NoMid && (value >= upper || value <= lower))
                {
                    return i;
                }
            }
        }

        return count;
    }

    /// <summary>The first block from one on that has such a price; −1 where none has.</summary>
    private int NextBlock(int block, long upper, long lower)
    {
        if (block >= _leaves)
        {
            return -1;
        }

        int node = _leaves + block;
        while (!Has(node, upper, lower))
        {
            // Up until there is a right neighbour, then to it: everything left of it was looked at.
            while ((node & 1) != 0)
            {
                node /= 2;
                if (node <= 1)
                {
                    return -1;
                }
            }

            node++;
        }

        while (node < _leaves)
        {
            node *= 2;
            node += Has(node, upper, lower) ? 0 : 1;
        }

        return node - _leaves;
    }

    private bool Has(int node, long upper, long lower) => _high[node] >= upper || _low[node] <= lower;

    private (long High, long Low) Scan(int from, int to, long high, long low)
    {
        foreach (long value in _values.Span[from..Math.Max(from, to)])
        {
            if (value != QuoteTape.NoMid)
            {
                (high, low) = (Math.Max(high, value), Math.Min(low, value));
            }
        }

        return (high, low);
    }
}
