using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Engine.Core.Memory;

namespace Engine.Features;

/// <summary>
/// Exact sliding sums of trades over several windows for every instrument, (t − w, t] in exchange time. Trades queue in chunks
/// of one shared pool, so memory is bounded whatever the mix of instruments; a trade that finds no room drops the instrument's
/// oldest chunk from all its windows, or is dropped itself where the instrument has none; either is counted
/// (<see cref="EvictedTrades"/>): until then sums are exact.
/// </summary>
/// <remarks>
/// An instrument's windows lie side by side, so that a trade enters all of them by a vector; places behind the last window are never due.
/// <code>
/// | queue | quantity bought: a long a window | sold | trades bought | sold | expiry | chunk of the oldest trade inside: an int | its place in it |
/// </code>
/// No trade leaves a window before its expiry.
/// </remarks>
public sealed unsafe partial class TradeWindows : IDisposable
{
    private const int ChunkTrades = 64;
    private const int None = -1;
    private const int BuyVolume = 0, SellVolume = 1, BuyCount = 2, SellCount = 3, Expiry = 4, Places = 5, Rows = 6;

    private readonly long[] _lengths;
    private readonly long[] _lanes;
    private readonly NativeBuffer<Trade> _trades;
    private readonly NativeBuffer<CacheLine> _state;
    private readonly int _width, _bytes;
    private readonly int[] _next;
    private int _freeChunk = None;
    private int _usedChunks;

    /// <param name="lengthsNanos">Window lengths in ns, shortest first.</param>
    /// <param name="limits">Bounds of instruments and of trades remembered.</param>
    public TradeWindows(ReadOnlySpan<long> lengthsNanos, EngineLimits limits)
    {
        _lengths = lengthsNanos.ToArray();
        for (int i = 1; i < _lengths.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_lengths[i], _lengths[i - 1], nameof(lengthsNanos));
        }

        _width = (_lengths.Length + Vector512<long>.Count - 1) / Vector512<long>.Count * Vector512<long>.Count;
        _bytes = sizeof(CacheLine) + (Rows * _width * sizeof(long));
        _lanes = new long[_width];
        _lengths.CopyTo(_lanes, 0);
        int chunks = limits.WindowTrades / ChunkTrades;
        _trades = new NativeBuffer<Trade>(chunks * ChunkTrades);
        _next = new int[chunks];
        _state = new NativeBuffer<CacheLine>(checked(limits.Instruments * (_bytes / sizeof(CacheLine))));
    }

    /// <summary>Window lengths, ns, shortest first.</summary>
    public ReadOnlySpan<long> LengthsNanos => _lengths;

    /// <summary>Bytes of memory that an instrument takes beside the trades remembered.</summary>
    public int BytesByInstrument => _bytes;

    /// <summary>Trades that left the windows early because the pool was full.</summary>
    public long EvictedTrades { get; private set; }

    /// <summary>The sums of a window as of the last <see cref="Advance"/> or <see cref="Add"/>.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="window">Index into <see cref="LengthsNanos"/>.</param>
    public WindowSums Sum(int instrument, int window)
    {
        Queue* queue = Of(instrument);
        return new WindowSums(Row(queue, BuyVolume)[window], Row(queue, SellVolume)[window], Row(queue, BuyCount)[window], Row(queue, SellCount)[window]);
    }

    /// <summary>One kind of sum over every window, shortest first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long* Sums(int instrument, bool buy, bool count) => Row(Of(instrument), (buy ? BuyVolume : SellVolume) + (count ? 2 : 0));

    /// <summary>No trade of the instrument leaves any window before this time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long NextExpiry(int instrument)
    {
        // SAFETY: callers keep instruments within the limits.
        Queue* queue = Of(instrument);
        return queue->Count == 0 ? long.MaxValue : queue->NextExpiry;
    }

    /// <summary>Enters a trade at a time not before the instrument's last.</summary>
    /// <returns>Whose trades entered or left a window.</returns>
    internal TradeSides Add(int instrument, long time, bool buy, long quantity)
    {
        TradeSides sides = Advance(instrument, time) | Release(instrument, time) | (buy ? TradeSides.Buy : TradeSides.Sell);
        long evicted = EvictedTrades;

        // SAFETY: as NextExpiry; rows are whole vectors; HeadCount < ChunkTrades and the head chunk is ours.
        Queue* queue = Of(instrument);
        if (queue->Count == 0 || queue->HeadCount == ChunkTrades)
        {
            int chunk = TakeChunk(queue);
            if (chunk == None)
            {
                EvictedTrades++;
                return sides;
            }

            OpenChunk(queue, chunk);
        }

        Trade* trade = _trades.Pointer + (queue->Head * ChunkTrades) + queue->HeadCount++;
        trade->Time = time;
        trade->Signed = buy ? quantity : -quantity;
        queue->NextExpiry = Math.Min(queue->NextExpiry, time + _lengths[0]);
        long* volumes = Row(queue, buy ? BuyVolume : SellVolume);
        long* counts = Row(queue, buy ? BuyCount : SellCount);
        long* expiries = Row(queue, Expiry);
        for (int w = 0; w < _width; w += Vector512<long>.Count)
        {
            (Vector512.Load(volumes + w) + Vector512.Create(quantity)).Store(volumes + w);
            (Vector512.Load(counts + w) + Vector512<long>.One).Store(counts + w);
            Vector512<long> expiry = Vector512.Create(time) + Vector512.Create(_lanes.AsSpan(w));
            Vector512.Min(Vector512.Load(expiries + w), expiry).Store(expiries + w);
        }

        return evicted == EvictedTrades ? sides : TradeSides.Buy | TradeSides.Sell;
    }

    /// <summary>Lets every window forget what is older than it at <paramref name="time"/>.</summary>
    /// <returns>Whose trades left a window.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TradeSides Advance(int instrument, long time)
    {
        // SAFETY: as NextExpiry.
        Queue* queue = Of(instrument);
        return queue->Count == 0 || time < queue->NextExpiry ? TradeSides.None : AdvanceAll(queue, time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trades.Dispose();
        _state.Dispose();
    }

    private TradeSides AdvanceAll(Queue* queue, long time)
    {
        // SAFETY: as Add; the places name trades of the instrument's chunks.
        var sides = TradeSides.None;
        long* expiries = Row(queue, Expiry);
        long next = long.MaxValue;
        for (int w = 0; w < _lengths.Length; w++)
        {
            if (expiries[w] <= time)
            {
                sides |= Leave(queue, w, time - _lengths[w]);
            }

            next = Math.Min(next, expiries[w]);
        }

        queue->NextExpiry = next;
        return sides;
    }

    /// <summary>Takes the trades up to a time out of a window.</summary>
    private TradeSides Leave(Queue* queue, int window, long cutoff)
    {
        // SAFETY: as AdvanceAll.
        var sides = TradeSides.None;
        ref int chunk = ref Chunks(queue)[window];
        ref int offset = ref Offsets(queue)[window];
        ref long expiry = ref Row(queue, Expiry)[window];
        expiry = long.MaxValue;
        while (chunk != queue->Head || offset != queue->HeadCount)
        {
            if (offset == ChunkTrades)
            {
                (chunk, offset) = (_next[chunk], 0);
                continue;
            }

            Trade* trade = _trades.Pointer + (chunk * ChunkTrades) + offset;
            if (trade->Time > cutoff)
            {
                expiry = trade->Time + _lengths[window];
                break;
            }

            sides |= Take(queue, window, trade->Signed);
            offset++;
        }

        return sides;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TradeSides Take(Queue* queue, int window, long signed)
    {
        // SAFETY: as AdvanceAll. A trade's side is no branch: sides change in turn.
        int sell = (int)((ulong)signed >> 63);
        Row(queue, BuyVolume + sell)[window] -= Math.Abs(signed);
        Row(queue, BuyCount + sell)[window]--;
        return (TradeSides)(1 << sell);
    }

    // SAFETY: an instrument's state begins with its queue, and its rows lie behind it.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Queue* Of(int instrument) => (Queue*)((byte*)_state.Pointer + ((nint)instrument * _bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Row(Queue* queue, int row) => (long*)((byte*)queue + sizeof(CacheLine)) + (row * _width);

    private int* Chunks(Queue* queue) => (int*)Row(queue, Places);

    private int* Offsets(Queue* queue) => Chunks(queue) + _width;

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct CacheLine;

    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = 16)]
    private struct Trade
    {
        public long Time;

        /// <summary>Quantity, negative when the aggressor sold.</summary>
        public long Signed;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = 64)]
    private struct Queue
    {
        /// <summary>No trade leaves any window before this time.</summary>
        public long NextExpiry;

        public int Head;
        public int HeadCount;
        public int Tail;

        /// <summary>Chunks held; 0 makes the other fields meaningless.</summary>
        public int Count;
    }
}
