using System.Numerics;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>Where one bucketed window of one instrument stands.</summary>
internal struct WindowClock
{
    /// <summary>Buckets of a window; a power of two.</summary>
    public const int Buckets = 16;

    /// <summary>When the bucket at hand ends, ns.</summary>
    public long Next;

    /// <summary>Number of the bucket at hand.</summary>
    public long Bucket;

    /// <summary>The same modulo <see cref="Buckets"/>.</summary>
    public int Slot;

    /// <summary>Buckets that hold something, a bit each: what is empty is never touched, so a quiet instrument costs little.</summary>
    public uint Occupied;
}

/// <summary>The sums of all families over one window length, side by side, so that a bucket leaves all of them at once.</summary>
/// <remarks>
/// <code>
/// | sums: unused, columns |  …  | bucket 0: families, columns | … | bucket 15: families, columns |     each a stride of whole vectors
/// </code>
/// `families` has a bit for each family that added to the bucket.
/// </remarks>
internal sealed unsafe class WindowStore
{
    private int _stride;

    /// <param name="nanos">Length of the window, ns.</param>
    public WindowStore(long nanos)
    {
        BucketNanos = nanos / WindowClock.Buckets;
        BucketsANano = 1.0 / BucketNanos;
    }

    /// <summary>Length of a bucket, ns.</summary>
    public long BucketNanos { get; }

    /// <summary>Its inverse.</summary>
    public double BucketsANano { get; }

    /// <summary>Columns so far.</summary>
    public int Columns { get; private set; }

    /// <summary>Offset of the clock in a block, bytes.</summary>
    public int ClockAt { get; private set; }

    /// <summary>Offset of the sums in a block, bytes.</summary>
    public int SumsAt { get; private set; }

    /// <summary>Offset of the buckets in a block, bytes.</summary>
    public int BucketsAt { get; private set; }

    /// <summary>Bytes of the sums, and of a bucket.</summary>
    public int StrideBytes => Columns == 0 ? 0 : (1 + Columns + Vector512<long>.Count - 1) / Vector512<long>.Count * Vector512<long>.Count * sizeof(long);

    /// <summary>Bytes of the buckets.</summary>
    public int BucketBytes => WindowClock.Buckets * StrideBytes;

    /// <summary>Takes columns; the first of them.</summary>
    public int Take(int columns)
    {
        Columns += columns;
        return Columns - columns;
    }

    /// <summary>Says where the store lies in a block.</summary>
    public void Place(int clockAt, int sumsAt, int bucketsAt)
    {
        ClockAt = clockAt;
        SumsAt = sumsAt;
        BucketsAt = bucketsAt;
        _stride = StrideBytes;
    }

    /// <summary>Goes to the bucket of a time that is not before the end of the one at hand. Which families changed, a bit each.</summary>
    public ulong Advance(InstrumentHead* block, long time)
    {
        // SAFETY: a block has the clock and the sums of every store.
        var clock = (WindowClock*)((byte*)block + ClockAt);
        long from = clock->Bucket;
        Set(clock, from + 1 + Whole(time - clock->Next));
        int steps = (int)Math.Min(clock->Bucket - from, WindowClock.Buckets);
        uint left = ((1u << steps) - 1) << ((int)(from + 1) & (WindowClock.Buckets - 1));
        left = (left | (left >> WindowClock.Buckets)) & clock->Occupied;
        return left == 0 ? 0 : Leave(block, clock, left);
    }

    /// <summary>Begins with the bucket of an instrument's first event.</summary>
    public void Start(InstrumentHead* block, long time)
    {
        // SAFETY: as Advance.
        var clock = (WindowClock*)((byte*)block + ClockAt);
        Set(clock, (time / BucketNanos) - (time % BucketNanos < 0 ? 1 : 0));
    }

    private void Set(WindowClock* clock, long bucket)
    {
        // SAFETY: as Advance.
        clock->Bucket = bucket;
        clock->Slot = (int)bucket & (WindowClock.Buckets - 1);
        clock->Next = (bucket + 1) * BucketNanos;
    }

    /// <summary>How many whole buckets lie in a span of time: a multiplication, put right, in place of a division.</summary>
    private long Whole(long nanos)
    {
        long count = (long)(nanos * BucketsANano);
        long rest = nanos - (count * BucketNanos);
        return (ulong)rest < (ulong)BucketNanos ? count : nanos / BucketNanos;
    }

    /// <summary>Takes what buckets hold from the sums, and empties them.</summary>
    private ulong Leave(InstrumentHead* block, WindowClock* clock, uint left)
    {
        clock->Occupied &= ~left;

        // SAFETY: as Advance; a bit is below the number of buckets, and a stride is whole vectors.
        ulong families = 0;
        byte* totals = (byte*)block + SumsAt;
        int stride = _stride;
        for (; left != 0; left &= left - 1)
        {
            byte* bucket = (byte*)block + BucketsAt + (BitOperations.TrailingZeroCount(left) * stride);
            families |= *(ulong*)bucket;
            for (int at = 0; at < stride; at += sizeof(Vector512<long>))
            {
                var gone = Vector512.Load((long*)(bucket + at));
                (Vector512.Load((long*)(totals + at)) - gone).Store((long*)(totals + at));
                Vector512<long>.Zero.Store((long*)(bucket + at));
            }
        }

        return families;
    }
}
