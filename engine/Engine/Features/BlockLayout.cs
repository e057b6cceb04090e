using System.Runtime.Intrinsics;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>
/// Where things lie in an instrument's block of memory, and who wants to hear of what. A block is one run of cache lines, so that an
/// event of an instrument touches neighbouring memory only.
/// </summary>
/// <remarks>
/// <code>
/// | head: clock, best levels | clock of each window | row: a float a column | sums of each window | their buckets | state of each family |
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
        WindowNanos = [.. families.SelectMany(f => f.OtherWindows.Concat(f.Sums?.WindowNanos ?? [])).Distinct().Order()];
        if (Families.Length > MaxFamilies || WindowNanos.Length > MaxWindows)
        {
            throw new ArgumentException(
                $"{Families.Length} families with {WindowNanos.Length} different bucketed windows; there may be {MaxFamilies} and {MaxWindows}");
        }

        // SAFETY: only sizes of unmanaged structs are asked for here; nothing is pointed at.
        Stores = [.. WindowNanos.Select(w => new WindowStore(w))];
        Writers = new Writer[Families.Length];
        int column = 0;
        var columns = new List<(BucketedSums Sums, int Window, WindowStore Store, int Column, ulong Bit)>();
        for (int f = 0; f < Families.Length; f++)
        {
            Writers[f] = new Writer(Families[f], column, Families[f].Specs.Count);
            column += Writers[f].Columns;
            Take(Families[f], 1UL << f, columns);
        }

        RowAt = Align(InstrumentHead.SizeInBytes + (Stores.Length * sizeof(WindowClock)));
        int at = RowAt + Align(Columns * sizeof(float));
        int bucketsAt = at + Stores.Sum(s => s.StrideBytes);
        HotBytes = bucketsAt;
        for (int w = 0; w < Stores.Length; w++)
        {
            Stores[w].Place(InstrumentHead.SizeInBytes + (w * sizeof(WindowClock)), at, bucketsAt);
            at += Stores[w].StrideBytes;
            bucketsAt += Stores[w].BucketBytes;
        }

        at = bucketsAt;

        foreach ((BucketedSums sums, int window, WindowStore store, int first, ulong bit) in columns)
        {
            sums.Put(window, store, first, bit);
        }

        foreach (FeatureFamily family in Families)
        {
            family.StateAt = at;
            at += family.StateBytes;
            family.Place(this);
        }

        Bytes = Align(at + Vector512<long>.Count * sizeof(long));
        Readers = [.. Enumerable.Range(0, SignalCount).Select(s => Who(f => f.Reads, s).Aggregate(0UL, (mask, l) => mask | l.Bit))];
        Listeners = [.. Enumerable.Range(0, SignalCount).Select(s => Who(f => f.Listens, s))];
        All = Families.Length == MaxFamilies ? ulong.MaxValue : (1UL << Families.Length) - 1;
    }

    /// <summary>A family that hears of a signal.</summary>
    /// <param name="Family">The family.</param>
    /// <param name="Bit">Its bit.</param>
    public readonly record struct Listener(FeatureFamily Family, ulong Bit);

    /// <summary>A family and its columns.</summary>
    /// <param name="Family">The family.</param>
    /// <param name="Column">Its first column.</param>
    /// <param name="Columns">How many it has.</param>
    public readonly record struct Writer(FeatureFamily Family, int Column, int Columns);

    /// <summary>The families, in contract order.</summary>
    public FeatureFamily[] Families { get; }

    /// <summary>Columns of a row.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the bucketed windows, ns, shortest first.</summary>
    public long[] WindowNanos { get; }

    /// <summary>The bucketed windows, shortest first.</summary>
    public WindowStore[] Stores { get; }

    /// <summary>The families told of a signal, by its bit's number.</summary>
    public Listener[][] Listeners { get; }

    /// <summary>The families whose columns a signal concerns, a bit each, by the signal bit's number.</summary>
    public ulong[] Readers { get; }

    /// <summary>Every family's bit.</summary>
    public ulong All { get; }

    /// <summary>Offset of the row, bytes.</summary>
    public int RowAt { get; }

    /// <summary>Bytes at the start of a block that most events touch: all before the buckets.</summary>
    public int HotBytes { get; }

    /// <summary>The families with their columns, in contract order.</summary>
    public Writer[] Writers { get; }

    /// <summary>Bytes of a block: whole cache lines.</summary>
    public int Bytes { get; }

    private void Take(FeatureFamily family, ulong bit, List<(BucketedSums Sums, int Window, WindowStore Store, int Column, ulong Bit)> columns)
    {
        for (int w = 0; family.Sums is { } sums && w < sums.WindowNanos.Count; w++)
        {
            WindowStore store = StoreOf(sums.WindowNanos[w]);
            columns.Add((sums, w, store, store.Take(sums.Columns), bit));
        }
    }

    /// <summary>The store of a window.</summary>
    public WindowStore StoreOf(long nanos) => Stores[Array.IndexOf(WindowNanos, nanos)];

    private Listener[] Who(Func<FeatureFamily, Signals> signals, int bit) =>
        [.. Families.Select((f, i) => new Listener(f, 1UL << i)).Where(l => ((int)signals(l.Family) >> bit & 1) != 0)];

    private static int Align(int bytes) => (bytes + CacheLine - 1) / CacheLine * CacheLine;
}
