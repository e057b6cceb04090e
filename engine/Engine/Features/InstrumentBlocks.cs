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
    private readonly WindowTable _windows;

    /// <param name="layout">Where things lie.</param>
    /// <param name="instruments">How many there may be.</param>
    public InstrumentBlocks(BlockLayout layout, int instruments)
    {
        _layout = layout;
        Count = instruments;
        _bytes = layout.Bytes;
        _prefetchBytes = layout.HotBytes;
        _windows = layout.Windows;
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
        block->TradeExpiry = long.MaxValue;
        block->Bid.Clear();
        block->Ask.Clear();
        block->LastGap = block->LastTrade = block->LastAskMove = block->LastBidMove = MarketEvent.Absent;
        block->IndexPrice = block->MarkPrice = block->FundingRate = block->FundingTime = MarketEvent.Absent;
        foreach (Families.FeatureFamily family in _layout.Families)
        {
            family.Begin((byte*)block);
        }
    }

    /// <summary>Sets the windows of an instrument to its first event.</summary>
    public void StartWindows(InstrumentHead* block, long time)
    {
        _windows.Start(block, time);
    }

    /// <summary>Moves every window on whose bucket has ended. Windows never go back.</summary>
    /// <param name="block">The instrument.</param>
    /// <param name="time">The time.</param>
    /// <param name="isEvent">An event is at hand, whose sums may move.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(InstrumentHead* block, long time, bool isEvent)
    {
        if (time >= block->NextRoll)
        {
            block->Dirty |= _windows.Roll(block, time, isEvent);
        }
    }

    /// <summary>Makes sums ready to move between events.</summary>
    public void Open(InstrumentHead* block)
    {
        if (block->Unopened != 0)
        {
            _windows.Open(block);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct CacheLine;
}
