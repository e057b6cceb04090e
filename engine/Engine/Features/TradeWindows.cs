using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Memory;

namespace Engine.Features;

/// <summary>What traded inside one window: sums, and where the window's oldest trade is.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 40)]
public struct WindowSums
{
    /// <summary>Quantity bought by aggressors.</summary>
    public long BuyVolume;

    /// <summary>Quantity sold by aggressors.</summary>
    public long SellVolume;

    /// <summary>Number of aggressive buys.</summary>
    public int BuyCount;

    /// <summary>Number of aggressive sells.</summary>
    public int SellCount;

    /// <summary>Chunk of the oldest trade inside the window, or −1.</summary>
    internal int Chunk;

    /// <summary>Its place in the chunk.</summary>
    internal int Offset;

    /// <summary>No trade leaves before this time.</summary>
    internal long Expiry;
}

/// <summary>
/// Exact sliding sums of trades over several windows for every instrument, (t − w, t] in exchange time. Trades queue in chunks
/// of one shared pool, so memory is bounded whatever the mix of instruments; a trade that finds no room drops the instrument's
/// oldest chunk from all its windows, or is dropped itself where the instrument has none; either is counted
/// (<see cref="EvictedTrades"/>): until then sums are exact.
/// </summary>
public sealed unsafe class TradeWindows : IDisposable
{
    private const int ChunkTrades = 64;
    private const int None = -1;

    private readonly long[] _lengths;
    private readonly NativeBuffer<Trade> _trades;
    private readonly NativeBuffer<WindowSums> _sums;
    private readonly NativeBuffer<Queue> _queues;
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

        int chunks = limits.WindowTrades / ChunkTrades;
        _trades = new NativeBuffer<Trade>(chunks * ChunkTrades);
        _next = new int[chunks];
        _sums = new NativeBuffer<WindowSums>(limits.Instruments * _lengths.Length);
        _queues = new NativeBuffer<Queue>(limits.Instruments);
    }

    /// <summary>Window lengths, ns, shortest first.</summary>
    public ReadOnlySpan<long> LengthsNanos => _lengths;

    /// <summary>Bytes of memory that an instrument takes beside the trades remembered.</summary>
    public int BytesByInstrument => (_lengths.Length * sizeof(WindowSums)) + sizeof(Queue);

    /// <summary>Trades that left the windows early because the pool was full.</summary>
    public long EvictedTrades { get; private set; }

    /// <summary>The sums as of the last <see cref="Advance"/> or <see cref="Add"/>, shortest window first.</summary>
    public ReadOnlySpan<WindowSums> Sums(int instrument) => _sums.Span.Slice(instrument * _lengths.Length, _lengths.Length);

    /// <summary>Enters a trade at a time not before the instrument's last.</summary>
    public void Add(int instrument, long time, bool buy, long quantity)
    {
        Advance(instrument, time);
        Release(instrument, time);
        ref Queue queue = ref _queues[instrument];
        Span<WindowSums> sums = SumsOf(instrument);
        if (queue.Count == 0 || queue.HeadCount == ChunkTrades)
        {
            int chunk = TakeChunk(ref queue, sums);
            if (chunk == None)
            {
                EvictedTrades++;
                return;
            }

            OpenChunk(ref queue, sums, chunk);
        }

        // SAFETY: HeadCount < ChunkTrades and the head chunk is ours.
        Trade* trade = _trades.Pointer + (queue.Head * ChunkTrades) + queue.HeadCount++;
        trade->Time = time;
        trade->Signed = buy ? quantity : -quantity;
        queue.NextExpiry = Math.Min(queue.NextExpiry, time + _lengths[0]);
        for (int w = 0; w < sums.Length; w++)
        {
            Count(ref sums[w], trade->Signed, 1);
            sums[w].Expiry = Math.Min(sums[w].Expiry, time + _lengths[w]);
        }
    }

    /// <summary>Lets every window forget what is older than it at <paramref name="time"/>.</summary>
    /// <returns>Whether a trade may have left a window.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Advance(int instrument, long time)
    {
        ref Queue queue = ref _queues[instrument];
        if (queue.Count == 0 || time < queue.NextExpiry)
        {
            return false;
        }

        AdvanceAll(instrument, time);
        return true;
    }

    /// <summary>Whether a trade of the instrument needs a chunk and there is none left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsShort(int instrument) =>
        _freeChunk == None && _usedChunks == _next.Length && (_queues[instrument].Count == 0 || _queues[instrument].HeadCount == ChunkTrades);

    /// <summary>Gives back the chunks whose trades have all left the longest window at the time of an event. What a row looks at gives back nothing,
    /// so that the pool depends on events alone.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="time">Exchange time of its last event, ns.</param>
    public void Release(int instrument, long time)
    {
        ref Queue queue = ref _queues[instrument];
        while (queue.Count > 0 && NewestOf(queue) <= time - _lengths[^1])
        {
            int oldest = queue.Tail;
            Advance(instrument, time);
            foreach (ref WindowSums window in SumsOf(instrument))
            {
                // A window that is empty may still point behind the chunk's last trade.
                if (window.Chunk == oldest && oldest != queue.Head)
                {
                    window.Chunk = _next[oldest];
                    window.Offset = 0;
                }
            }

            DropTail(ref queue);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trades.Dispose();
        _sums.Dispose();
        _queues.Dispose();
    }

    private void AdvanceAll(int instrument, long time)
    {
        ref Queue queue = ref _queues[instrument];
        Span<WindowSums> sums = SumsOf(instrument);
        queue.NextExpiry = long.MaxValue;
        for (int w = 0; w < sums.Length; w++)
        {
            ref WindowSums window = ref sums[w];
            if (window.Expiry > time)
            {
                queue.NextExpiry = Math.Min(queue.NextExpiry, window.Expiry);
                continue;
            }

            long cutoff = time - _lengths[w];
            window.Expiry = long.MaxValue;
            while (window.Chunk != queue.Head || window.Offset != queue.HeadCount)
            {
                if (window.Offset == ChunkTrades)
                {
                    window.Chunk = _next[window.Chunk];
                    window.Offset = 0;
                    continue;
                }

                Trade* trade = _trades.Pointer + (window.Chunk * ChunkTrades) + window.Offset;
                if (trade->Time > cutoff)
                {
                    window.Expiry = trade->Time + _lengths[w];
                    queue.NextExpiry = Math.Min(queue.NextExpiry, window.Expiry);
                    break;
                }

                Count(ref window, trade->Signed, -1);
                window.Offset++;
            }
        }
    }

    /// <summary>Time of the newest trade of an instrument's oldest chunk.</summary>
    // SAFETY: callers have a queue with a chunk; a chunk in a queue holds a trade, and one that is not the head is full.
    private long NewestOf(in Queue queue) =>
        _trades[(queue.Tail * ChunkTrades) + (queue.Tail == queue.Head ? queue.HeadCount : ChunkTrades) - 1].Time;

    private static void Count(ref WindowSums window, long signed, int sign)
    {
        if (signed > 0)
        {
            window.BuyVolume += sign * signed;
            window.BuyCount += sign;
        }
        else
        {
            window.SellVolume -= sign * signed;
            window.SellCount += sign;
        }
    }

    private int TakeChunk(ref Queue queue, Span<WindowSums> sums)
    {
        if (_freeChunk != None)
        {
            int chunk = _freeChunk;
            _freeChunk = _next[chunk];
            return chunk;
        }

        if (_usedChunks < _next.Length)
        {
            return _usedChunks++;
        }

        return queue.Count > 0 ? EvictOldest(ref queue, sums) : None;
    }

    /// <summary>Takes the instrument's oldest chunk out of every window that still holds trades of it. Where it was the only one,
    /// the windows point nowhere until <see cref="OpenChunk"/> sets them.</summary>
    private int EvictOldest(ref Queue queue, Span<WindowSums> sums)
    {
        int oldest = queue.Tail;
        for (int w = 0; w < sums.Length; w++)
        {
            ref WindowSums window = ref sums[w];
            if (window.Chunk != oldest)
            {
                continue;
            }

            EvictedTrades += w == sums.Length - 1 ? ChunkTrades - window.Offset : 0;
            for (; window.Offset < ChunkTrades; window.Offset++)
            {
                Count(ref window, _trades[(oldest * ChunkTrades) + window.Offset].Signed, -1);
            }

            window.Chunk = _next[oldest];
            window.Offset = 0;
        }

        DropTail(ref queue);
        _freeChunk = _next[oldest];
        return oldest;
    }

    private void DropTail(ref Queue queue)
    {
        int chunk = queue.Tail;
        queue.Tail = _next[chunk];
        queue.Count--;
        _next[chunk] = _freeChunk;
        _freeChunk = chunk;
    }

    private void OpenChunk(ref Queue queue, Span<WindowSums> sums, int chunk)
    {
        if (queue.Count == 0)
        {
            queue.Tail = chunk;
            queue.NextExpiry = long.MaxValue;
            for (int w = 0; w < sums.Length; w++)
            {
                sums[w].Chunk = chunk;
                sums[w].Offset = 0;
            }
        }
        else
        {
            _next[queue.Head] = chunk;
        }

        queue.Head = chunk;
        queue.HeadCount = 0;
        queue.Count++;
    }

    private Span<WindowSums> SumsOf(int instrument) => _sums.Span.Slice(instrument * _lengths.Length, _lengths.Length);

    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = 16)]
    private struct Trade
    {
        public long Time;

        /// <summary>Quantity, negative when the aggressor sold.</summary>
        public long Signed;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = 24)]
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
