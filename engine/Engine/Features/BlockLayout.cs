using Engine.Features.Families;

namespace Engine.Features;

/// <summary>
/// Where things lie in an instrument's block of memory, and who wants to hear of what. A block is one run of cache lines, so that an
/// event of an instrument touches neighbouring memory only.
/// </summary>
/// <remarks>
/// <code>
/// | head: clock, best levels | windows: next boundary, bucket | clocks of the sums | row: a float a column | state of family 0 | … |
/// </code>
/// </remarks>
internal sealed unsafe class BlockLayout
{
    /// <summary>Most families of a contract: a bit each.</summary>
    public const int MaxFamilies = 64;

    /// <summary>Most bucketed windows of different length in a contract.</summary>
    public const int MaxWindows = 16;

    private const int SignalCount = 16;
    private const int CacheLine = 64;

    /// <param name="families">The families, in contract order.</param>
    /// <exception cref="ArgumentException">More families or windows than there may be.</exception>
    public BlockLayout(IReadOnlyList<FeatureFamily> families)
    {
        Families = [.. families];
        Columns = families.Sum(f => f.Specs.Count);
        WindowNanos = [.. families.SelectMany(f => f.RolledWindows.Concat(f.Sums?.WindowNanos ?? [])).Distinct().Order()];
        if (Families.Length > MaxFamilies || WindowNanos.Length > MaxWindows)
        {
            throw new ArgumentException(
                $"{Families.Length} families with {WindowNanos.Length} different bucketed windows; there may be {MaxFamilies} and {MaxWindows}");
        }

        WindowsAt = InstrumentHead.SizeInBytes;
        int clocksAt = WindowsAt + (WindowNanos.Length * sizeof(WindowClock));
        RowAt = Align(clocksAt + families.Sum(f => f.Sums?.WindowNanos.Count ?? 0) * sizeof(BucketedSums.Clock));
        StateAt = RowAt + Align(Columns * sizeof(float));
        int at = StateAt;
        ColumnAt = new int[Families.Length + 1];
        var sums = new List<(long Nanos, SumRoller Roller)>();
        for (int f = 0; f < Families.Length; f++)
        {
            FeatureFamily family = Families[f];
            family.StateAt = at;
            ColumnAt[f + 1] = ColumnAt[f] + family.Specs.Count;
            at += family.StateBytes;
            if (family.Sums is { } own)
            {
                own.Place(clocksAt, at);
                sums.AddRange(own.WindowNanos.Select((nanos, w) =>
                    (nanos, new SumRoller(clocksAt + (w * sizeof(BucketedSums.Clock)), own.TotalsAt(w), own.Columns, 1UL << f))));
                clocksAt += own.WindowNanos.Count * sizeof(BucketedSums.Clock);
                at += own.StateBytes;
            }
        }

        Bytes = Align(at + (BucketedSums.MaxVector * sizeof(long)));
        Readers = [.. Enumerable.Range(0, SignalCount).Select(s => Who(f => f.Reads, s).Aggregate(0UL, (mask, l) => mask | l.Bit))];
        Listeners = [.. Enumerable.Range(0, SignalCount).Select(s => Who(f => f.Listens, s))];
        Sums = [.. WindowNanos.Select(w => sums.Where(s => s.Nanos == w).Select(s => s.Roller).ToArray())];
        Others = [.. WindowNanos.Select(w => Families
            .SelectMany((f, i) => f.RolledWindows.Select((nanos, own) => (nanos, new OtherRoller(f, own, 1UL << i))))
            .Where(r => r.nanos == w).Select(r => r.Item2).ToArray())];
        All = Families.Length == MaxFamilies ? ulong.MaxValue : (1UL << Families.Length) - 1;
    }

    /// <summary>A window of one instrument.</summary>
    public struct WindowClock
    {
        /// <summary>When the bucket at hand ends, ns.</summary>
        public long Next;

        /// <summary>Number of the bucket at hand.</summary>
        public long Bucket;
    }

    /// <summary>A family that hears of a signal.</summary>
    /// <param name="Family">The family.</param>
    /// <param name="Bit">Its bit.</param>
    public readonly record struct Listener(FeatureFamily Family, ulong Bit);

    /// <summary>Sums that a window has.</summary>
    /// <param name="ClockAt">Offset of their clock, bytes.</param>
    /// <param name="TotalsAt">Offset of the sums, bytes.</param>
    /// <param name="Columns">How many.</param>
    /// <param name="Bit">Bit of the family.</param>
    public readonly record struct SumRoller(int ClockAt, int TotalsAt, int Columns, ulong Bit);

    /// <summary>A family that keeps a window itself.</summary>
    /// <param name="Family">The family.</param>
    /// <param name="Window">Index of the window among the family's.</param>
    /// <param name="Bit">Bit of the family.</param>
    public readonly record struct OtherRoller(FeatureFamily Family, int Window, ulong Bit);

    /// <summary>The families, in contract order.</summary>
    public FeatureFamily[] Families { get; }

    /// <summary>Columns of a row.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the bucketed windows, ns, shortest first.</summary>
    public long[] WindowNanos { get; }

    /// <summary>The sums of each window.</summary>
    public SumRoller[][] Sums { get; }

    /// <summary>Who else has each window.</summary>
    public OtherRoller[][] Others { get; }

    /// <summary>The families told of a signal, by its bit's number.</summary>
    public Listener[][] Listeners { get; }

    /// <summary>The families whose columns a signal concerns, a bit each, by the signal bit's number.</summary>
    public ulong[] Readers { get; }

    /// <summary>Every family's bit.</summary>
    public ulong All { get; }

    /// <summary>Offset of the windows, bytes.</summary>
    public int WindowsAt { get; }

    /// <summary>Offset of the row, bytes.</summary>
    public int RowAt { get; }

    /// <summary>Offset of the families' state, bytes: what lies before it, every event touches.</summary>
    public int StateAt { get; }

    /// <summary>First column of each family, and behind the last.</summary>
    public int[] ColumnAt { get; }

    /// <summary>Bytes of a block: whole cache lines.</summary>
    public int Bytes { get; }

    private Listener[] Who(Func<FeatureFamily, Signals> signals, int bit) =>
        [.. Families.Select((f, i) => new Listener(f, 1UL << i)).Where(l => ((int)signals(l.Family) >> bit & 1) != 0)];

    private static int Align(int bytes) => (bytes + CacheLine - 1) / CacheLine * CacheLine;
}
