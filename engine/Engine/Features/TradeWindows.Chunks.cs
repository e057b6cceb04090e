namespace Engine.Features;

/// <content>The pool of chunks in which trades queue.</content>
public sealed unsafe partial class TradeWindows
{
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
                _ = Take(queue, w, _trades[(oldest * ChunkTrades) + offset].Signed);
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
                Row(queue, Expiry)[w] = long.MaxValue;
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
