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
    [SkipLocalsInit]
    public ulong Roll(InstrumentHead* head, long time, bool isEvent)
    {
        if (Lanes == 0)
        {
            return 0;
        }

        // No bucket ends there, nor does a lane without a window.
        time = Math.Min(time, LatestTime);

        // SAFETY: a block has the clocks and buckets of every window, whole vectors of them.
        var block = (byte*)head;
        uint opens = isEvent ? head->Unopened : 0;
        uint passed = 0;
        ulong moved = 0;
        long next = Least(Pass(block, 0, time, isEvent, opens, ref passed, ref moved));
        if (Lanes > Vector512<long>.Count)
        {
            next = Math.Min(next, PassMore(block, time, isEvent, opens, ref passed, ref moved));
        }

        uint unopened = head->Unopened | (passed & _all);
        if (isEvent)
        {
            Remember(block, unopened);
            unopened = 0;
        }

        head->Unopened = unopened;

        // A bucket that waits to be opened keeps the next event from passing by.
        head->NextRoll = unopened == 0 ? next : long.MinValue;
        return moved;
    }

    /// <summary>The windows behind the first eight.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long PassMore(byte* block, long time, bool isEvent, uint opens, ref uint passed, ref ulong moved)
    {
        long next = long.MaxValue;
        for (int first = Vector512<long>.Count; first < Lanes; first += Vector512<long>.Count)
        {
            // SAFETY: as Roll.
            next = Math.Min(next, Least(Pass(block, first, time, isEvent, opens >> first, ref passed, ref moved)));
        }

        return next;
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
    [SkipLocalsInit]
    private Vector512<long> Pass(byte* block, int first, long time, bool isEvent, uint opens, ref uint passed, ref ulong moved)
    {
        // SAFETY: as Roll.
        ref readonly Eight eight = ref _eights[(uint)first / (uint)Vector512<long>.Count];
        long* nextAt = Next(block) + first;
        long* bucketAt = nextAt + Lanes;
        long* occupiedAt = bucketAt + Lanes;
        long* baseAt = occupiedAt + Lanes;
        Vector512<long> ends = Vector512.Load(nextAt);
        Vector512<long> due = Vector512.LessThanOrEqual(ends, Vector512.Create(time));
        Vector512<long> steps = Steps((Vector512.Create(time) - ends) & due, eight) & due;
        ends += steps * eight.Nanos;
        ends.Store(nextAt);
        Vector512<long> bucket = Vector512.Load(bucketAt) + steps;
        bucket.Store(bucketAt);

        // What lies sixteen back or more has left.
        Vector512<long> occupied = Vector512.Load(occupiedAt) * PowerOfTwo(Vector512.Min(steps, Vector512.Create((long)Buckets)));
        Vector512<long> kept = Vector512.Create((1L << Buckets) - 1);
        uint lost = (uint)Vector512.GreaterThan(occupied, kept).ExtractMostSignificantBits();
        occupied &= kept;
        if (isEvent)
        {
            occupied |= (opens == 0 ? due : due | MaskOf(opens)) & Vector512<long>.One;
        }

        occupied.Store(occupiedAt);
        Vector512<long> oldest = (bucket - Log2(occupied)) & Vector512.Create(Buckets - 1L);
        Vector512<long> at = eight.SlotsAt + (oldest * eight.SlotBytes);
        at = Vector512.ConditionalSelect(Vector512.Equals(occupied, Vector512<long>.Zero), Vector512.Create((long)_totalsAt), at);
        at.Store(baseAt);
        passed |= (uint)due.ExtractMostSignificantBits() << first;
        moved |= eight.Families[lost];
        Prefetch(block, baseAt, lost, first);
        return ends;
    }

    /// <summary>The row at hand will read what are the oldest buckets of these windows from here on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(byte* block, long* bases, uint windows, int first)
    {
        // SAFETY: as Roll.
        for (; windows != 0; windows &= windows - 1)
        {
            int w = BitOperations.TrailingZeroCount(windows);
            Prefetch(block + bases[w], _slots[first + w].Bytes);
        }
    }

    /// <summary>The buckets at hand of windows remember the totals, before they move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Remember(byte* block, uint windows)
    {
        // SAFETY: as Roll.
        byte* totals = block + _totalsAt;
        long* buckets = Bucket(block);
        for (; windows != 0; windows &= windows - 1)
        {
            int w = BitOperations.TrailingZeroCount(windows);
            Slots slots = _slots[w];
            Copy(totals, block + slots.At + (((int)buckets[w] & (Buckets - 1)) * slots.Bytes), slots.Bytes);
        }
    }

    /// <summary>The buckets that begin within a time since the end of one, and one more: a multiplication, put right, in place of a division. It is
    /// wrong by one at most: a bucket is 62,500 ns or more, so there are less than 2⁴⁸ of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Steps(Vector512<long> nanos, in Eight eight)
    {
        Vector512<long> whole = Vector512.ConvertToInt64Native(Vector512.ConvertToDouble(nanos) * eight.BucketsANano);
        Vector512<long> rest = nanos - (whole * eight.Nanos);

        // A comparison that holds is −1.
        return whole + Vector512<long>.One - Vector512.GreaterThanOrEqual(rest, eight.Nanos) + Vector512.LessThan(rest, Vector512<long>.Zero);
    }

    /// <summary>Two to a power of 0 to 62: the power is a double's exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> PowerOfTwo(Vector512<long> power) =>
        Vector512.ConvertToInt64Native(((power + Vector512.Create(ExponentBias)) << ExponentBits).AsDouble());

    /// <summary>The number of the highest bit of a number from 1 to 2⁵³; of 0 nothing that makes sense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Log2(Vector512<long> value) =>
        (Vector512.ConvertToDouble(value).AsInt64() >> ExponentBits) - Vector512.Create(ExponentBias);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<long> MaskOf(uint lanes)
    {
        Vector512<long> bits = Vector512.Create(1L, 2, 4, 8, 16, 32, 64, 128);
        return Vector512.Equals(Vector512.Create((long)lanes) & bits, bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        long[] nanos = Padded(_bucketNanos, 0);
        return new Eight
        {
            Nanos = Vector512.Create(nanos),
            BucketsANano = Vector512.Create([.. nanos.Select(n => n == 0 ? 0 : 1.0 / n)]),
            SlotsAt = Vector512.Create(Padded(_slots.Select(s => (long)s.At), 0)),
            SlotBytes = Vector512.Create(Padded(_slots.Select(s => (long)s.Bytes), 0)),
            Families = [.. Enumerable.Range(0, 1 << count).Select(lanes =>
                Enumerable.Range(0, count).Where(l => (lanes >> l & 1) != 0).Aggregate(0UL, (mask, l) => mask | OfWindow(first + l)))],
        };
    }

    /// <summary>Where the buckets of a window lie.</summary>
    /// <param name="At">Offset of the first in a block, bytes.</param>
    /// <param name="Bytes">Bytes of each.</param>
    private readonly record struct Slots(int At, int Bytes);

    /// <summary>What does not change of eight windows, a lane each; lanes without a window stay where they are.</summary>
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
