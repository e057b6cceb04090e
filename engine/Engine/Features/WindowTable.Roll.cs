using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <content>Moves windows on: eight at a time, a lane each.</content>
internal sealed unsafe partial class WindowTable
{
    private const int ExponentBits = 52;
    private const long ExponentBias = 1_023;

    /// <summary>Moves every window on to the bucket of a time; none goes back.</summary>
    /// <param name="head">The instrument.</param>
    /// <param name="time">The time.</param>
    /// <param name="isEvent">An event is at hand, so that totals may move: buckets are opened for it.</param>
    /// <returns>The families whose sums may be others than before, a bit each.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ulong Roll(InstrumentHead* head, long time, bool isEvent)
    {
        // SAFETY: a block has the clocks and buckets of every window, whole vectors of them.
        var block = (byte*)head;
        uint unopened = head->Unopened;
        uint passed = 0;
        ulong moved = 0;
        Vector512<long> next = Vector512.Create(long.MaxValue);
        for (int g = 0; g < _eights.Length; g++)
        {
            int first = g * Vector512<long>.Count;
            uint opens = isEvent ? (unopened >> first) & 0xFF : 0;
            next = Vector512.Min(next, Pass(block, first, time, isEvent, opens, ref passed, ref moved));
        }

        unopened |= passed;
        if (isEvent)
        {
            Remember(block, unopened);
            unopened = 0;
        }

        head->Unopened = unopened;

        // A bucket that waits to be opened keeps the next event from passing by.
        head->NextRoll = unopened == 0 ? Least(next) : long.MinValue;
        return moved;
    }

    /// <summary>Moves eight windows on.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="first">The first of the windows.</param>
    /// <param name="time">The time.</param>
    /// <param name="isEvent">Buckets that begin are opened.</param>
    /// <param name="opens">Windows whose bucket at hand is to be opened although it begins no bucket, a bit each.</param>
    /// <param name="passed">Takes up the windows that go to another bucket.</param>
    /// <param name="moved">Takes up the families whose sums may be others.</param>
    /// <returns>When their buckets at hand end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<long> Pass(byte* block, int first, long time, bool isEvent, uint opens, ref uint passed, ref ulong moved)
    {
        // SAFETY: as Roll.
        ref readonly Eight eight = ref _eights[first / Vector512<long>.Count];
        Vector512<long> now = Vector512.Create(time);
        Vector512<long> ends = Vector512.Load(Next(block) + first);
        Vector512<long> due = Vector512.LessThanOrEqual(ends, now);
        Vector512<long> late = (now - ends) & due;
        Vector512<long> whole = Whole(late, eight);
        Vector512<long> steps = (whole + Vector512<long>.One) & due;
        ends += steps * eight.Nanos;
        Vector512<long> bucket = Vector512.Load(Bucket(block) + first) + steps;

        // What lies sixteen back or more has left.
        Vector512<long> occupied = Vector512.Load(Occupied(block) + first) * PowerOfTwo(Vector512.Min(steps, Vector512.Create((long)Buckets)));
        Vector512<long> kept = Vector512.Create((1L << Buckets) - 1);
        ulong lost = Vector512.GreaterThan(occupied, kept).ExtractMostSignificantBits();
        occupied &= kept;
        if (isEvent)
        {
            occupied |= (opens == 0 ? due : due | MaskOf(opens)) & Vector512<long>.One;
        }

        Vector512<long> oldest = (bucket - Log2(occupied)) & Vector512.Create(Buckets - 1L);
        Vector512<long> at = Vector512.ConditionalSelect(
            Vector512.Equals(occupied, Vector512<long>.Zero), Vector512.Create((long)_totalsAt), eight.SlotsAt + (oldest * eight.SlotBytes));
        ends.Store(Next(block) + first);
        bucket.Store(Bucket(block) + first);
        occupied.Store(Occupied(block) + first);
        at.Store(Base(block) + first);
        passed |= (uint)due.ExtractMostSignificantBits() << first;
        if (lost != 0)
        {
            moved |= Lost(block, first, (uint)lost, eight);
        }

        return ends;
    }

    /// <summary>Windows that let go of a bucket: the row at hand will read those that are now their oldest. The families that show them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Lost(byte* block, int first, uint lost, in Eight eight)
    {
        // SAFETY: as Roll.
        for (uint left = lost; left != 0; left &= left - 1)
        {
            int w = first + BitOperations.TrailingZeroCount(left);
            Prefetch(block + Base(block)[w], _slotBytes[w]);
        }

        return eight.Families[lost];
    }

    /// <summary>The buckets at hand of windows remember the totals, before they move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Remember(byte* block, uint windows)
    {
        // SAFETY: as Roll.
        for (uint left = windows; left != 0; left &= left - 1)
        {
            int w = BitOperations.TrailingZeroCount(left);
            Copy(block + _totalsAt, block + SlotAt(w, (int)Bucket(block)[w] & (Buckets - 1)), _slotBytes[w]);
        }
    }

    /// <summary>How many whole buckets lie in a span of time by lane: a multiplication, and a division where that is not right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Whole(Vector512<long> nanos, in Eight eight)
    {
        Vector512<long> whole = Vector512.ConvertToInt64Native(Vector512.ConvertToDouble(nanos) * eight.BucketsANano);
        Vector512<long> rest = nanos - (whole * eight.Nanos);
        return Vector512.LessThanAll(rest.AsUInt64(), eight.Nanos.AsUInt64()) ? whole : nanos / eight.Nanos;
    }

    /// <summary>Two to a power of 0 to 62: the power is a double's exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> PowerOfTwo(Vector512<long> power) =>
        Vector512.ConvertToInt64Native(((power + Vector512.Create(ExponentBias)) << ExponentBits).AsDouble());

    /// <summary>The number of the highest bit of a number from 1 to 2⁵³; of 0 nothing that makes sense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Log2(Vector512<long> value) =>
        (Vector512.ConvertToDouble(value).AsInt64() >> ExponentBits) - Vector512.Create(ExponentBias);

    private static Vector512<long> MaskOf(uint lanes)
    {
        Vector512<long> bits = Vector512.Create(1L, 2, 4, 8, 16, 32, 64, 128);
        return Vector512.Equals(Vector512.Create((long)lanes) & bits, bits);
    }

    private static long Least(Vector512<long> values)
    {
        Vector256<long> four = Vector256.Min(values.GetLower(), values.GetUpper());
        Vector128<long> two = Vector128.Min(four.GetLower(), four.GetUpper());
        return Math.Min(two[0], two[1]);
    }

    private Eight EightFrom(int first, FamilyTotals[] families)
    {
        int count = Vector512<long>.Count;
        long[] Padded(IEnumerable<long> values, long none) => [.. values.Skip(first).Take(count).Concat(Enumerable.Repeat(none, count)).Take(count)];
        ulong OfWindow(int w) => families.Where(f => (f.Windows >> w & 1) != 0).Aggregate(0UL, (mask, f) => mask | f.Family);
        long[] nanos = Padded(_bucketNanos, 1);
        return new Eight
        {
            Nanos = Vector512.Create(nanos),
            BucketsANano = Vector512.Create([.. nanos.Select(n => 1.0 / n)]),
            SlotsAt = Vector512.Create(Padded(_slotsAt.Select(at => (long)at), 0)),
            SlotBytes = Vector512.Create(Padded(_slotBytes.Select(bytes => (long)bytes), 0)),
            Families = [.. Enumerable.Range(0, 1 << count).Select(lanes =>
                Enumerable.Range(0, count).Where(l => (lanes >> l & 1) != 0).Aggregate(0UL, (mask, l) => mask | OfWindow(first + l)))],
        };
    }

    /// <summary>What does not change of eight windows, a lane each; lanes without a window are never due.</summary>
    private struct Eight
    {
        /// <summary>Length of a bucket, ns.</summary>
        public Vector512<long> Nanos;

        /// <summary>One over that.</summary>
        public Vector512<double> BucketsANano;

        /// <summary>Offset of the first bucket in a block, bytes.</summary>
        public Vector512<long> SlotsAt;

        /// <summary>Bytes of a bucket.</summary>
        public Vector512<long> SlotBytes;

        /// <summary>The families that show some of the windows, a bit each; by those windows, a bit each.</summary>
        public ulong[] Families;
    }
}
