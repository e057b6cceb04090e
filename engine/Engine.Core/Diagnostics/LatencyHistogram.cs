using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Core.Diagnostics;

/// <summary>
/// Counts of durations in log-linear buckets: a fixed relative error over the whole range, fixed memory, nothing allocated and
/// nothing thrown when recording. One thread records; read it when that thread has stopped. The idea and the text layout are
/// those of HdrHistogram (Tene).
/// </summary>
/// <remarks>
/// With S = 2^m sub-buckets, the smallest power of two not below 2 x 10^digits, values below S have a slot each; every
/// further power of two has S/2 slots, each twice as wide as those before:
/// <code>
/// index   0 .. S-1          S .. S+S/2-1        S+S/2 .. 2S-1      ...
/// value   0 .. S-1          S .. 2S-1           2S .. 4S-1
/// width   1                 2                   4
/// </code>
/// Width / value is at most 2/S, that is 10^-digits.
/// </remarks>
public sealed class LatencyHistogram
{
    /// <summary>The default upper end of the range, ns: an hour.</summary>
    public const long DefaultHighestNanos = 3_600_000_000_000;

    /// <summary>Most significant digits.</summary>
    public const int MaxDigits = 5;

    private readonly long[] _counts;
    private readonly int _subBucketBits;
    private ulong _sumLow;
    private ulong _sumHigh;

    /// <param name="significantDigits">Decimal digits that survive, 1 to <see cref="MaxDigits"/>.</param>
    /// <param name="highestNanos">Upper end of the range, ns, at least 2; larger values are counted in its bucket.</param>
    /// <exception cref="ArgumentOutOfRangeException">Digits or range out of range.</exception>
    public LatencyHistogram(int significantDigits = 3, long highestNanos = DefaultHighestNanos)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(significantDigits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(significantDigits, MaxDigits);
        ArgumentOutOfRangeException.ThrowIfLessThan(highestNanos, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(highestNanos, long.MaxValue / 2);
        long wanted = 2;
        for (int i = 0; i < significantDigits; i++)
        {
            wanted *= 10;
        }

        SignificantDigits = significantDigits;
        HighestNanos = highestNanos;
        _subBucketBits = BitOperations.Log2((ulong)(wanted - 1)) + 1;
        _counts = new long[IndexOf(highestNanos) + 1];
        Reset();
    }

    /// <summary>Decimal digits that survive.</summary>
    public int SignificantDigits { get; }

    /// <summary>Upper end of the range, ns.</summary>
    public long HighestNanos { get; }

    /// <summary>Slots of the first, linear bucket.</summary>
    public int SubBuckets => 1 << _subBucketBits;

    /// <summary>Buckets: powers of two from the linear one to the range's end.</summary>
    public int Buckets => Math.Max(1, BitOperations.Log2((ulong)HighestNanos) - _subBucketBits + 2);

    /// <summary>Values recorded, those above the range included, negative ones not.</summary>
    public long Count { get; private set; }

    /// <summary>Values above the range; each is also counted in the top bucket.</summary>
    public long Overflows { get; private set; }

    /// <summary>Values below zero, counted nowhere else: a clock that stepped back.</summary>
    public long Negatives { get; private set; }

    /// <summary>The smallest value, exact; 0 without values.</summary>
    public long Min => Count == 0 ? 0 : _min;

    /// <summary>The largest value, exact, even above the range; 0 without values.</summary>
    public long Max { get; private set; }

    /// <summary>The exact mean, rounded to a double; NaN without values.</summary>
    public double Mean => Count == 0 ? double.NaN : (_sumHigh * 18446744073709551616.0 + _sumLow) / Count;

    /// <summary>The standard deviation from the buckets' middles; NaN without values.</summary>
    public double StandardDeviation
    {
        get
        {
            double mean = Mean;
            double squares = 0;
            for (int i = 0; i < _counts.Length; i++)
            {
                double distance = (LowestAt(i) + HighestAt(i)) * 0.5 - mean;
                squares += _counts[i] == 0 ? 0 : distance * distance * _counts[i];
            }

            return Count == 0 ? double.NaN : Math.Sqrt(squares / Count);
        }
    }

    private long _min;

    /// <summary>Counts one value, ns. Never throws, never allocates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long nanos)
    {
        if ((ulong)nanos > (ulong)HighestNanos)
        {
            RecordOutside(nanos);
            return;
        }

        Add(nanos, IndexOf(nanos));
    }

    /// <summary>
    /// The value that a share of all recorded values does not exceed: the upper end of its slot, not above <see cref="Max"/>.
    /// </summary>
    /// <param name="percentile">0 to 100, clamped; 0 gives <see cref="Min"/>.</param>
    /// <returns>ns; 0 without values.</returns>
    public long ValueAtPercentile(double percentile)
    {
        if (Count == 0 || !(percentile > 0))
        {
            return Min;
        }

        long rank = Math.Clamp((long)Math.Ceiling(Math.Min(percentile, 100.0) / 100.0 * Count), 1, Count);
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return ValueAt(i);
            }
        }

        return Max;
    }

    /// <summary>How many values lie in buckets above that of <paramref name="nanos"/>.</summary>
    public long CountAbove(long nanos)
    {
        long count = 0;
        for (int i = IndexOf(Math.Clamp(nanos, 0, HighestNanos)) + 1; i < _counts.Length; i++)
        {
            count += _counts[i];
        }

        return count;
    }

    /// <summary>Adds another histogram's counts to this one.</summary>
    /// <exception cref="ArgumentException">It has other digits or another range.</exception>
    public void Add(LatencyHistogram other)
    {
        if (other.SignificantDigits != SignificantDigits || other.HighestNanos != HighestNanos)
        {
            throw new ArgumentException(
                $"Cannot add {other.SignificantDigits} digits to {other.HighestNanos} ns to {SignificantDigits} digits to {HighestNanos} ns.");
        }

        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        ulong low = _sumLow + other._sumLow;
        _sumHigh += other._sumHigh + (low < _sumLow ? 1UL : 0);
        _sumLow = low;
        _min = Math.Min(_min, other._min);
        Max = Math.Max(Max, other.Max);
        Count += other.Count;
        Overflows += other.Overflows;
        Negatives += other.Negatives;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(_counts);
        _sumLow = 0;
        _sumHigh = 0;
        _min = long.MaxValue;
        Max = 0;
        Count = 0;
        Overflows = 0;
        Negatives = 0;
    }

    /// <summary>Writes the percentile distribution as text, as HdrHistogram's plotters read it (.hgrm).</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="scale">What values are divided by: 1 for ns, 1000 for µs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not above zero.</exception>
    public void WriteHgrm(TextWriter writer, double scale = 1) => HgrmText.Write(this, writer, scale);

    /// <summary>Slots.</summary>
    internal int Slots => _counts.Length;

    /// <summary>Values in a slot.</summary>
    internal long CountAt(int index) => _counts[index];

    /// <summary>What a slot reports: its upper end; the last one the exact maximum.</summary>
    internal long ValueAt(int index) => index == _counts.Length - 1 ? Max : Math.Min(HighestAt(index), Max);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RecordOutside(long nanos)
    {
        if (nanos < 0)
        {
            Negatives++;
            return;
        }

        Overflows++;
        Add(nanos, _counts.Length - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(long nanos, int index)
    {
        _counts[index]++;
        Count++;
        _sumLow += (ulong)nanos;
        if (_sumLow < (ulong)nanos)
        {
            _sumHigh++;
        }

        if (nanos < _min)
        {
            _min = nanos;
        }

        if (nanos > Max)
        {
            Max = nanos;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(long value)
    {
        // The power of two by which slots are wider than one here; 0 in the linear bucket.
        int bucket = BitOperations.Log2((ulong)value | ((1UL << _subBucketBits) - 1)) - (_subBucketBits - 1);
        return (int)(value >> bucket) + (bucket << (_subBucketBits - 1));
    }

    private long LowestAt(int index)
    {
        int bucket = Math.Max(0, (index >> (_subBucketBits - 1)) - 1);
        return ((long)index - ((long)bucket << (_subBucketBits - 1))) << bucket;
    }

    private long HighestAt(int index)
    {
        int bucket = Math.Max(0, (index >> (_subBucketBits - 1)) - 1);
        return LowestAt(index) + (1L << bucket) - 1;
    }
}
