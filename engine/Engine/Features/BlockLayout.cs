using Engine.Features.Families;

namespace Engine.Features;

/// <summary>
/// Where things lie in an instrument's block of memory, and who wants to hear of what. A block is one run of cache lines, so that an
/// event of an instrument touches neighbouring memory only.
/// </summary>
/// <remarks>
/// <code>
/// | head: clock, best levels | windows: next boundary, bucket | row: a float a column | state of family 0 | … |
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
        WindowNanos = [.. families.SelectMany(f => f.BucketedWindows).Distinct().Order()];
        if (Families.Length > MaxFamilies || WindowNanos.Length > MaxWindows)
        {
            throw new ArgumentException(
                $"{Families.Length} families with {WindowNanos.Length} different bucketed windows; there may be {MaxFamilies} and {MaxWindows}");
        }

        WindowsAt = InstrumentHead.SizeInBytes;
        RowAt = WindowsAt + Align(WindowNanos.Length * sizeof(WindowClock));
        int at = RowAt + Align(Columns * sizeof(float));
        StateAt = new int[Families.Length];
        ColumnAt = new int[Families.Length + 1];
        int column = 0;
        for (int f = 0; f < Families.Length; f++)
        {
            (StateAt[f], ColumnAt[f]) = (at, column);
            at += Families[f].StateBytes;
            column += Families[f].Specs.Count;
        }

        ColumnAt[^1] = column;
        Bytes = Align(at);
        Readers = Masks(f => f.Reads);
        Listeners = [.. Enumerable.Range(0, SignalCount).Select(s => Who(f => ((int)f.Listens >> s & 1) != 0))];
        Rollers = [.. WindowNanos.Select(w => Families
            .SelectMany((f, i) => f.BucketedWindows.Select((nanos, own) => (nanos, new Roller(i, own))))
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

    /// <summary>A family with a window.</summary>
    /// <param name="Family">Index of the family.</param>
    /// <param name="Window">Index of the window among the family's.</param>
    public readonly record struct Roller(int Family, int Window);

    /// <summary>The families, in contract order.</summary>
    public FeatureFamily[] Families { get; }

    /// <summary>Columns of a row.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the bucketed windows, ns, shortest first.</summary>
    public long[] WindowNanos { get; }

    /// <summary>Who has each window.</summary>
    public Roller[][] Rollers { get; }

    /// <summary>The families told of a signal, by its bit's number.</summary>
    public int[][] Listeners { get; }

    /// <summary>The families whose columns a signal concerns, a bit each, by the signal bit's number.</summary>
    public ulong[] Readers { get; }

    /// <summary>Every family's bit.</summary>
    public ulong All { get; }

    /// <summary>Offset of the windows, bytes.</summary>
    public int WindowsAt { get; }

    /// <summary>Offset of the row, bytes.</summary>
    public int RowAt { get; }

    /// <summary>Offset of each family's state, bytes.</summary>
    public int[] StateAt { get; }

    /// <summary>First column of each family, and behind the last.</summary>
    public int[] ColumnAt { get; }

    /// <summary>Bytes at the start of a block that every event touches: all before the families' state.</summary>
    public int PrefetchBytes => StateAt[0];

    /// <summary>Bytes of a block: whole cache lines.</summary>
    public int Bytes { get; }

    private ulong[] Masks(Func<FeatureFamily, Signals> of) =>
        [.. Enumerable.Range(0, SignalCount).Select(s => Who(f => ((int)of(f) >> s & 1) != 0).Aggregate(0UL, (mask, f) => mask | (1UL << f)))];

    private int[] Who(Func<FeatureFamily, bool> wants) => [.. Enumerable.Range(0, Families.Length).Where(f => wants(Families[f]))];

    private static int Align(int bytes) => (bytes + CacheLine - 1) / CacheLine * CacheLine;
}
