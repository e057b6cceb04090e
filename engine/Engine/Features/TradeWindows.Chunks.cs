using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <content>The pool of chunks in which trades queue.</content>
public sealed unsafe partial class TradeWindows
{
    /// <summary>Whether a trade of the instrument needs a chunk and there is none left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsShort(int instrument)
    {
        // SAFETY: as NextExpiry.
        Queue* queue = Of(instrument);
        return _freeChunk == None && _usedChunks == _next.Length && (queue->Count == 0 || queue->HeadCount == ChunkTrades);
    }

    /// <summary>Gives back the chunks whose trades have all left the longest window at the time of an event. What a row looks at gives back nothing,
    /// so that the pool depends on events alone.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="time">Exchange time of its last event, ns.</param>
    /// <returns>The windows whose sums changed, a bit each.</returns>
    internal uint Release(int instrument, long time)
    {
        // SAFETY: as NextExpiry.
        Queue* queue = Of(instrument);
        uint changed = 0;
        while (queue->Count > 0 && NewestOf(queue) <= time - _lengths[^1])
        {
            changed |= Advance(instrument, time);
            int oldest = queue->Tail;
            for (int w = 0; w < _lengths.Length; w++)
            {
                // A window that is empty may still point behind the chunk's last trade.
                if (Chunks(queue)[w] == oldest && oldest != queue->Head)
                {
                    (Chunks(queue)[w], Offsets(queue)[w]) = (_next[oldest], 0);
                }
            }

            DropTail(queue);
        }

        return changed;
    }

    /// <summary>Time of the newest trade of an instrument's oldest chunk.</summary>
    // SAFETY: callers have a queue with a chunk; a chunk in a queue holds a trade, and one that is not the head is full.
    private long NewestOf(Queue* queue) =>
        _trades.Pointer[(queue->Tail * ChunkTrades) + (queue->Tail == queue->Head ? queue->HeadCount : ChunkTrades) - 1].Time;

    private int TakeChunk(Queue* queue)
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

        return queue->Count > 0 ? EvictOldest(queue) : None;
    }

    /// <summary>Takes the instrument's oldest chunk out of every window that still holds trades of it. Where it was the only one,
    /// the windows point nowhere until <see cref="OpenChunk"/> sets them.</summary>
    private int EvictOldest(Queue* queue)
    {
        // SAFETY: as AdvanceAll.
        int oldest = queue->Tail;
        for (int w = 0; w < _lengths.Length; w++)
        {
            if (Chunks(queue)[w] != oldest)
            {
                continue;
            }

            ref int offset = ref Offsets(queue)[w];
            EvictedTrades += w == _lengths.Length - 1 ? ChunkTrades - offset : 0;
            for (; offset < ChunkTrades; offset++)
            {
                long* sums = Sums(queue, w);
                (Vector256.Load(sums) - SumsOf(_trades[(oldest * ChunkTrades) + offset].Signed)).Store(sums);
            }

            (Chunks(queue)[w], offset) = (_next[oldest], 0);
        }

        DropTail(queue);
        _freeChunk = _next[oldest];
        return oldest;
    }

    private void DropTail(Queue* queue)
    {
        int chunk = queue->Tail;
        queue->Tail = _next[chunk];
        queue->Count--;
        _next[chunk] = _freeChunk;
        _freeChunk = chunk;
    }

    private void OpenChunk(Queue* queue, int chunk)
    {
        // SAFETY: as Add.
        if (queue->Count == 0)
        {
            queue->Tail = chunk;
            queue->NextExpiry = long.MaxValue;
            for (int w = 0; w < _width; w++)
            {
                Expiries(queue)[w] = long.MaxValue;
                (Chunks(queue)[w], Offsets(queue)[w]) = (chunk, 0);
            }
        }
        else
        {
            _next[queue->Head] = chunk;
        }

        queue->Head = chunk;
        queue->HeadCount = 0;
        queue->Count++;
    }
}
