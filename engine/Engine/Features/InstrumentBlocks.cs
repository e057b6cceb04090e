using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Features;

/// <summary>The blocks of all instruments: state of the families, clocks of their windows, and the row that they keep up to date.</summary>
internal sealed unsafe class InstrumentBlocks : IDisposable
{
    private readonly BlockLayout _layout;
    private readonly NativeBuffer<CacheLine> _memory;
    private readonly byte* _first;
    private readonly nint _bytes;
    private readonly int _prefetchBytes;
    private readonly long[] _bucketNanos;
    private readonly double[] _bucketsANano;

    /// <param name="layout">Where things lie.</param>
    /// <param name="instruments">How many there may be.</param>
    public InstrumentBlocks(BlockLayout layout, int instruments)
    {
        _layout = layout;
        Count = instruments;
        _bytes = layout.Bytes;
        _prefetchBytes = layout.StateAt;
        _memory = new NativeBuffer<CacheLine>(checked(instruments * (layout.Bytes / sizeof(CacheLine))));
        _first = (byte*)_memory.Pointer;
        _bucketNanos = [.. layout.WindowNanos.Select(w => w / BucketedSums.Buckets)];
        _bucketsANano = [.. _bucketNanos.Select(b => 1.0 / b)];
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The block of an instrument.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public InstrumentHead* Of(int instrument)
    {
        // SAFETY: callers keep the instrument below Count.
        System.Diagnostics.Debug.Assert((uint)instrument < (uint)Count, "instrument outside the table");
        return (InstrumentHead*)(_first + (instrument * _bytes));
    }

    /// <summary>Asks for the memory that every event of an instrument touches: its head, and its row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int instrument)
    {
        if (Sse.IsSupported && (uint)instrument < (uint)Count)
        {
            // SAFETY: a prefetch never faults.
            byte* block = _first + (instrument * _bytes);
            for (int at = 0; at < _prefetchBytes; at += sizeof(CacheLine))
            {
                Sse.Prefetch0(block + at);
            }
        }
    }

    /// <summary>The row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Row(InstrumentHead* block) => new((byte*)block + _layout.RowAt, _layout.Columns);

    /// <summary>Prepares a block that is used for the first time: no levels, every family's columns to be written.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Start(InstrumentHead* block, Venue venue)
    {
        // SAFETY: the block is ours, zeroed, and as long as the layout says.
        block->Known = true;
        block->Venue = venue;
        block->Dirty = _layout.All;
        block->Bid.Clear();
        block->Ask.Clear();
        block->LastGap = block->LastTrade = block->LastAskMove = block->LastBidMove = MarketEvent.Absent;
        block->IndexPrice = block->MarkPrice = block->FundingRate = block->FundingTime = MarketEvent.Absent;
    }

    /// <summary>Sets the windows of an instrument to its first event.</summary>
    public void StartWindows(InstrumentHead* block, long time)
    {
        BlockLayout.WindowClock* windows = Windows(block);
        block->NextRoll = long.MaxValue;
        for (int w = 0; w < _bucketNanos.Length; w++)
        {
            long bucket = (time / _bucketNanos[w]) - (time % _bucketNanos[w] < 0 ? 1 : 0);
            windows[w].Bucket = bucket;
            windows[w].Next = (bucket + 1) * _bucketNanos[w];
            block->NextRoll = Math.Min(block->NextRoll, windows[w].Next);
            _ = Tell(block, w, bucket, bucket);
        }
    }

    /// <summary>Moves every window on whose bucket has ended. Windows never go back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(InstrumentHead* block, long time)
    {
        if (time >= block->NextRoll)
        {
            Roll(block, time);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private BlockLayout.WindowClock* Windows(InstrumentHead* block)
    {
        // SAFETY: a block has one clock a window.
        return (BlockLayout.WindowClock*)((byte*)block + _layout.WindowsAt);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Roll(InstrumentHead* block, long time)
    {
        BlockLayout.WindowClock* windows = Windows(block);
        long next = long.MaxValue;
        ulong changed = 0;
        for (int w = 0; w < _bucketNanos.Length; w++)
        {
            // SAFETY: as Windows.
            BlockLayout.WindowClock* window = windows + w;
            if (time >= window->Next)
            {
                long from = window->Bucket;
                window->Bucket += 1 + Whole(time - window->Next, w);
                window->Next = (window->Bucket + 1) * _bucketNanos[w];
                changed |= Tell(block, w, from, window->Bucket);
            }

            next = Math.Min(next, window->Next);
        }

        block->NextRoll = next;
        block->Dirty |= changed;
    }

    /// <summary>How many whole buckets lie in a span of time: a multiplication, put right, in place of a division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Whole(long nanos, int window)
    {
        long bucket = _bucketNanos[window];
        long count = (long)(nanos * _bucketsANano[window]);
        long rest = nanos - (count * bucket);
        return (ulong)rest < (ulong)bucket ? count : nanos / bucket;
    }

    /// <summary>Tells those who have a window of its next bucket. Which families changed, a bit each.</summary>
    private ulong Tell(InstrumentHead* block, int window, long from, long to)
    {
        ulong changed = 0;
        uint left = BucketedSums.Left(from, to);
        int slot = (int)to & (BucketedSums.Buckets - 1);
        foreach (ref readonly BlockLayout.SumRoller sums in _layout.Sums[window].AsSpan())
        {
            // SAFETY: the layout's offsets lie in the block.
            var clock = (BucketedSums.Clock*)((byte*)block + sums.ClockAt);
            clock->Slot = slot;
            uint gone = clock->Occupied & left;
            if (gone != 0)
            {
                clock->Occupied &= ~gone;
                BucketedSums.Leave((long*)((byte*)block + sums.TotalsAt), sums.Columns, gone);
                changed |= sums.Bit;
            }
        }

        foreach (ref readonly BlockLayout.OtherRoller other in _layout.Others[window].AsSpan())
        {
            changed |= other.Family.Roll(block, other.Window, from, to) ? other.Bit : 0;
        }

        return changed;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct CacheLine;
}
