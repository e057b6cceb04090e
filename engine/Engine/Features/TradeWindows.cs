using System.Numerics;
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
/// The sums of a window lie side by side, so that a trade enters or leaves them by one vector; places behind the last window are never due.
/// <code>
/// | queue | for each window: quantity bought, sold, trades bought, sold | expiry: a long a window | chunk of the oldest trade inside: an int | its place in it |
/// </code>
/// No trade leaves a window before its expiry.
/// </remarks>
public sealed unsafe partial class TradeWindows : IDisposable
{
    private const int ChunkTrades = 64;
    private const int None = -1;
    private const int SumCount = 4;
    private const int WordsAWindow = SumCount + 2;

    private readonly long[] _lengths;
    private readonly long[] _lanes;
    private readonly uint _all;
    private readonly NativeBuffer<Trade> _trades;
    private readonly Trade* _pool;
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
        _bytes = sizeof(CacheLine) + (WordsAWindow * _width * sizeof(long));
        _all = (1u << _lengths.Length) - 1;
        _lanes = new long[_width];
        _lengths.CopyTo(_lanes, 0);
        int chunks = limits.WindowTrades / ChunkTrades;
        _trades = new NativeBuffer<Trade>(chunks * ChunkTrades);
        _pool = _trades.Pointer;
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
        // SAFETY: as NextExpiry.
        long* sums = Sums(instrument, window);
        return new WindowSums(sums[SumOf(buy: true, count: false)], sums[SumOf(false, false)], sums[SumOf(true, true)], sums[SumOf(false, true)]);
    }

    /// <summary>The four sums of a window, as <see cref="SumOf"/> numbers them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long* Sums(int instrument, int window) => Sums(Of(instrument), window);

    /// <summary>Which of a window's sums is meant.</summary>
    internal static int SumOf(bool buy, bool count) => (buy ? 0 : 1) + (count ? 2 : 0);

    /// <summary>No trade of the instrument leaves any window before this time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long NextExpiry(int instrument)
    {
        // SAFETY: callers keep instruments within the limits.
        Queue* queue = Of(instrument);
        return queue->Count == 0 ? long.MaxValue : queue->NextExpiry;
    }

    /// <summary>Enters a trade at a time not before the instrument's last.</summary>
    /// <returns>The windows whose sums changed, a bit each.</returns>
    internal uint Add(int instrument, long time, bool buy, long quantity)
    {
        uint changed = Advance(instrument, time) | Release(instrument, time);

        // SAFETY: as NextExpiry; expiries are whole vectors; HeadCount < ChunkTrades and the head chunk is ours.
        Queue* queue = Of(instrument);
        if (queue->Count == 0 || queue->HeadCount == ChunkTrades)
        {
            int chunk = TakeChunk(queue);
            if (chunk == None)
            {
                EvictedTrades++;
                return changed;
            }

            OpenChunk(queue, chunk);
        }

        Trade* trade = _pool + (queue->Head * ChunkTrades) + queue->HeadCount++;
        trade->Time = time;
        trade->Signed = buy ? quantity : -quantity;
        queue->NextExpiry = Math.Min(queue->NextExpiry, time + _lengths[0]);
        Vector256<long> sums = SumsOf(trade->Signed);
        for (int w = 0; w < _lengths.Length; w++)
        {
            long* of = Sums(queue, w);
            (Vector256.Load(of) + sums).Store(of);
        }

        long* expiries = Expiries(queue);
        for (int w = 0; w < _width; w += Vector512<long>.Count)
        {
            Vector512<long> expiry = Vector512.Create(time) + Vector512.Create(_lanes.AsSpan(w));
            Vector512.Min(Vector512.Load(expiries + w), expiry).Store(expiries + w);
        }

        return _all;
    }

    /// <summary>Lets every window forget what is older than it at <paramref name="time"/>.</summary>
    /// <returns>The windows whose sums changed, a bit each.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Advance(int instrument, long time)
    {
        // SAFETY: as NextExpiry.
        Queue* queue = Of(instrument);
        return queue->Count == 0 || time < queue->NextExpiry ? 0 : AdvanceAll(queue, time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trades.Dispose();
        _state.Dispose();
    }

    private uint AdvanceAll(Queue* queue, long time)
    {
        // SAFETY: as Add; the places name trades of the instrument's chunks.
        long* expiries = Expiries(queue);
        uint due = 0;
        for (int w = 0; w < _width; w += Vector512<long>.Count)
        {
            due |= (uint)Vector512.LessThanOrEqual(Vector512.Load(expiries + w), Vector512.Create(time)).ExtractMostSignificantBits() << w;
        }

        due &= _all;
        for (uint left = due; left != 0; left &= left - 1)
        {
            Leave(queue, BitOperations.TrailingZeroCount(left), time);
        }

        long next = long.MaxValue;
        for (int w = 0; w < _lengths.Length; w++)
        {
            next = Math.Min(next, expiries[w]);
        }

        queue->NextExpiry = next;
        return due;
    }

    /// <summary>Takes the trades that are too old at a time out of a window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave(Queue* queue, int window, long time)
    {
        // SAFETY: as AdvanceAll.
        long length = _lanes[window];
        int chunk = Chunks(queue)[window];
        int offset = Offsets(queue)[window];
        long expiry = long.MaxValue;
        Vector256<long> sums = Vector256.Load(Sums(queue, window));
        while (chunk != queue->Head || offset != queue->HeadCount)
        {
            if (offset == ChunkTrades)
            {
                (chunk, offset) = (_next[chunk], 0);
                continue;
            }

            Trade* trade = _pool + (chunk * ChunkTrades) + offset;
            if (trade->Time > time - length)
            {
                expiry = trade->Time + length;
                break;
            }

            sums -= SumsOf(trade->Signed);
            offset++;
        }

        sums.Store(Sums(queue, window));
        Expiries(queue)[window] = expiry;
        Chunks(queue)[window] = chunk;
        Offsets(queue)[window] = offset;
    }

    /// <summary>What a trade adds to the sums of a window. Its side is no branch: sides change in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> SumsOf(long signed)
    {
        Vector256<long> amounts = Vector256.ConditionalSelect(Vector256.Create(-1L, -1, 0, 0), Vector256.Create(Math.Abs(signed)), Vector256<long>.One);
        return amounts & (Vector256.Create(signed >> 63) ^ Vector256.Create(-1L, 0, -1, 0));
    }

    // SAFETY: an instrument's state begins with its queue, and its rows lie behind it.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Queue* Of(int instrument) => (Queue*)((byte*)_state.Pointer + ((nint)instrument * _bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long* Sums(Queue* queue, int window) => (long*)((byte*)queue + sizeof(CacheLine)) + (window * SumCount);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Expiries(Queue* queue) => Sums(queue, _width);

    private int* Chunks(Queue* queue) => (int*)(Expiries(queue) + _width);

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
