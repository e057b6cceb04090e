using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <param name="layout">Where things lie.</param>
    /// <param name="instruments">How many there may be.</param>
    public InstrumentBlocks(BlockLayout layout, int instruments)
    {
        _layout = layout;
        Count = instruments;
        _bytes = layout.Bytes;
        _memory = new NativeBuffer<CacheLine>(checked(instruments * (layout.Bytes / sizeof(CacheLine))));
        _first = (byte*)_memory.Pointer;
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

    /// <summary>Asks for the memory that an event of an instrument will touch: its head, and its row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int instrument)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported && (uint)instrument < (uint)Count)
        {
            // SAFETY: a prefetch never faults.
            byte* block = _first + (instrument * _bytes);
            for (int at = 0; at < _layout.PrefetchBytes; at += sizeof(CacheLine))
            {
                System.Runtime.Intrinsics.X86.Sse.Prefetch0(block + at);
            }
        }
    }

    /// <summary>A family's state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* State(InstrumentHead* block, int family) => (byte*)block + _layout.StateAt[family];

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
        for (int f = 0; f < _layout.Families.Length; f++)
        {
            _layout.Families[f].Start(State(block, f));
        }
    }

    /// <summary>Sets the windows of an instrument to its first event.</summary>
    public void StartWindows(InstrumentHead* block, long time)
    {
        var windows = (BlockLayout.WindowClock*)((byte*)block + _layout.WindowsAt);
        block->NextRoll = long.MaxValue;
        for (int w = 0; w < _layout.WindowNanos.Length; w++)
        {
            Set(block, windows + w, w, time);
            _ = Tell(block, w, windows[w].Bucket, windows[w].Bucket);
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Roll(InstrumentHead* block, long time)
    {
        // SAFETY: the block has one clock a window, and the state of every family.
        var windows = (BlockLayout.WindowClock*)((byte*)block + _layout.WindowsAt);
        block->NextRoll = long.MaxValue;
        for (int w = 0; w < _layout.WindowNanos.Length; w++)
        {
            if (time < windows[w].Next)
            {
                block->NextRoll = Math.Min(block->NextRoll, windows[w].Next);
                continue;
            }

            long from = windows[w].Bucket;
            Set(block, windows + w, w, time);
            block->Dirty |= Tell(block, w, from, windows[w].Bucket);
        }
    }

    /// <summary>Tells the families that have a window of its next bucket. Which of them changed, a bit each.</summary>
    private ulong Tell(InstrumentHead* block, int window, long from, long to)
    {
        ulong changed = 0;
        foreach (BlockLayout.Roller roller in _layout.Rollers[window])
        {
            bool any = _layout.Families[roller.Family].Roll(State(block, roller.Family), roller.Window, from, to, *block);
            changed |= any ? 1UL << roller.Family : 0;
        }

        return changed;
    }

    private void Set(InstrumentHead* block, BlockLayout.WindowClock* window, int index, long time)
    {
        // SAFETY: as Roll.
        long bucketNanos = _layout.WindowNanos[index] / BucketedSums.Buckets;
        window->Bucket = (time / bucketNanos) - (time % bucketNanos < 0 ? 1 : 0);
        window->Next = (window->Bucket + 1) * bucketNanos;
        block->NextRoll = Math.Min(block->NextRoll, window->Next);
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct CacheLine;
}
