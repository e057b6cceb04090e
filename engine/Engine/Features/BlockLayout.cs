using System.Numerics;
using System.Runtime.Intrinsics;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>
/// Where things lie in an instrument's block of memory, and who wants to hear of what. A block is one run of cache lines, so that an
/// event of an instrument touches neighbouring memory only.
/// </summary>
/// <remarks>
/// <code>
/// | head: clock, best levels | clocks of the windows | totals | row: a float a column | state of each family | buckets of each window |
/// </code>
/// </remarks>
internal sealed unsafe class BlockLayout
{
    /// <summary>Most families of a contract: a bit each.</summary>
    public const int MaxFamilies = 64;

    /// <summary>Most bucketed windows of different length in a contract.</summary>
    public const int MaxWindows = 16;

    /// <summary>Most sums that all families keep over bucketed windows: a bit each.</summary>
    public const int MaxTotals = 64;

    private const int SignalCount = 9;
    private const int CacheLine = 64;

    /// <param name="families">The families, in contract order.</param>
    /// <exception cref="ArgumentException">More families or windows than there may be.</exception>
    public BlockLayout(IReadOnlyList<FeatureFamily> families)
    {
        Families = [.. families];
        Columns = families.Sum(f => f.Specs.Count);
        WindowNanos = [.. families.SelectMany(f => f.Sums?.WindowNanos ?? []).Distinct().Order()];
        if (Families.Length > MaxFamilies || WindowNanos.Length > MaxWindows)
        {
            throw new ArgumentException(
                $"{Families.Length} families with {WindowNanos.Length} different bucketed windows; there may be {MaxFamilies} and {MaxWindows}");
        }

        int column = 0;
        for (int f = 0; f < Families.Length; f++)
        {
            Families[f].Bit = 1UL << f;
            Families[f].FirstColumn = column;
            Families[f].ColumnCount = Families[f].Specs.Count;
            column += Families[f].ColumnCount;
        }

        // Totals that most windows show come first, so that a window has few to remember that it does not show.
        int[] order = [.. Enumerable.Range(0, Families.Length).Where(f => Families[f].Sums is not null)
            .OrderByDescending(f => Families[f].Sums!.WindowNanos.Count)];
        FamilyTotals[] totals = Take(order, out int count);
        int[] remembered = [.. WindowNanos.Select((_, w) => totals.Where(t => (t.Windows >> w & 1) != 0)
            .Max(t => MaxTotals - BitOperations.LeadingZeroCount(t.Totals)))];
        TotalsAt = Align(InstrumentHead.SizeInBytes + WindowTable.BytesOfClocks(WindowNanos.Length));
        RowAt = TotalsAt + Align(count * sizeof(long));
        Windows = new WindowTable(WindowNanos, remembered, InstrumentHead.SizeInBytes, TotalsAt);
        int at = RowAt + Align(Columns * sizeof(float));
        foreach (FeatureFamily family in Families)
        {
            family.ColumnsAt = RowAt + (family.FirstColumn * sizeof(float));
            family.StateAt = at;
            at += family.StateBytes;
        }

        HotBytes = at = Align(at);
        Windows.Place(at, totals);
        at += Windows.BucketBytes;
        for (int f = 0; f < order.Length; f++)
        {
            BucketedSums sums = Families[order[f]].Sums!;
            sums.Put(TotalsAt, BitOperations.TrailingZeroCount(totals[f].Totals),
                sums.WindowNanos.Select(w => Windows.BaseAt(Array.IndexOf(WindowNanos, w))));
        }

        Plan = new FamilyPlan(Families, at);
        // SAFETY: nothing is pointed at here; offsets stay below Bytes, with room for a vector behind the last.
        Bytes = Align(at + Vector512<long>.Count * sizeof(long));
        Readers = [.. Enumerable.Range(0, SignalCount).Select(s => Families.Where(f => ((int)f.Reads >> s & 1) != 0).Aggregate(0UL, (mask, f) => mask | f.Bit))];
        All = Families.Length == MaxFamilies ? ulong.MaxValue : (1UL << Families.Length) - 1;
    }

    /// <summary>The families, in contract order.</summary>
    public FeatureFamily[] Families { get; }

    /// <summary>Columns of a row.</summary>
    public int Columns { get; }

    /// <summary>Lengths of the bucketed windows, ns, shortest first.</summary>
    public long[] WindowNanos { get; }

    /// <summary>The bucketed windows, shortest first.</summary>
    public WindowTable Windows { get; }

    /// <summary>Offset of the totals, bytes.</summary>
    public int TotalsAt { get; }

    /// <summary>The families whose columns a signal concerns, a bit each, by the signal bit's number.</summary>
    public ulong[] Readers { get; }

    /// <summary>Every family's bit.</summary>
    public ulong All { get; }

    /// <summary>Offset of the row, bytes.</summary>
    public int RowAt { get; }

    /// <summary>Bytes at the start of a block that most events touch: all before the buckets.</summary>
    public int HotBytes { get; }

    /// <summary>The families by what they are.</summary>
    public FamilyPlan Plan { get; }

    /// <summary>Bytes of a block: whole cache lines.</summary>
    public int Bytes { get; }

    private FamilyTotals[] Take(int[] families, out int count)
    {
        var taken = new FamilyTotals[families.Length];
        count = 0;
        for (int i = 0; i < families.Length; i++)
        {
            BucketedSums sums = Families[families[i]].Sums!;
            ulong own = ((1UL << sums.Columns) - 1) << count;
            count += sums.Columns;
            if (count > MaxTotals)
            {
                throw new ArgumentException($"families keep more than {MaxTotals} sums over bucketed windows");
            }

            taken[i] = new FamilyTotals(1UL << families[i], own, sums.WindowNanos.Aggregate(0u, (mask, w) => mask | (1u << Array.IndexOf(WindowNanos, w))));
        }

        return taken;
    }

    private static int Align(int bytes) => (bytes + CacheLine - 1) / CacheLine * CacheLine;
}
