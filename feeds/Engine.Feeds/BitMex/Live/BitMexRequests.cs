using System.Text;

namespace Engine.Feeds.BitMex.Live;

/// <summary>What the client asks the server for, as text made once; and which books are to be asked for again.</summary>
/// <remarks>
/// A book is asked for again by a flag of its symbol: any thread raises it, the connection's task takes it down. So the row of
/// requests is never longer than the symbols are many, and raising one costs a search and an exchange.
/// </remarks>
internal sealed class BitMexRequests
{
    private readonly byte[][] _symbols;
    private readonly byte[][] _books;
    private readonly int[] _wanted;
    private readonly long[] _notBefore;
    private readonly long _everyNanos;
    private int _wantedCount;
    private long _unknown;

    /// <param name="options">Names, tables and bounds.</param>
    public BitMexRequests(BitMexLiveOptions options)
    {
        byte[][] names = [.. options.Symbols.Select(Encoding.UTF8.GetBytes)];
        Array.Sort(names, (a, b) => a.AsSpan().SequenceCompareTo(b));
        _symbols = names;
        _books = [.. names.Select(name => Encoding.UTF8.GetBytes($"{options.BookTable}:{Encoding.UTF8.GetString(name)}"))];
        _wanted = new int[names.Length];
        _notBefore = new long[names.Length];
        _everyNanos = (long)options.ResubscribeEvery.TotalNanoseconds;
        Subscriptions = [.. Topics(options).Chunk(options.TopicsPerRequest).Select(topics => Request("subscribe", topics))];
    }

    /// <summary>The requests after a connection opened, in order.</summary>
    public IReadOnlyList<byte[]> Subscriptions { get; }

    /// <summary>Requests for a symbol that was never subscribed.</summary>
    public long UnknownSymbols => Volatile.Read(ref _unknown);

    /// <summary>Whether any book is to be asked for again.</summary>
    public bool AnyWanted => Volatile.Read(ref _wantedCount) > 0;

    /// <summary>Any thread: wants a book again. Allocates nothing.</summary>
    /// <returns>False, and counted, where the connection does not follow the symbol.</returns>
    public bool Want(ReadOnlySpan<byte> symbol)
    {
        int index = Find(symbol);
        if (index < 0)
        {
            Interlocked.Increment(ref _unknown);
            return false;
        }

        if (Interlocked.Exchange(ref _wanted[index], 1) == 0)
        {
            Interlocked.Increment(ref _wantedCount);
        }

        return true;
    }

    /// <summary>The connection's task: takes the next book that is wanted and due.</summary>
    /// <param name="nowNanos">Now, of a clock that never steps back.</param>
    /// <param name="unsubscribe">Ends its subscription.</param>
    /// <param name="subscribe">Begins it again.</param>
    /// <returns>False when none is due.</returns>
    public bool TryTake(long nowNanos, out byte[] unsubscribe, out byte[] subscribe)
    {
        for (int i = 0; i < _wanted.Length && AnyWanted; i++)
        {
            if (Volatile.Read(ref _wanted[i]) != 0 && nowNanos >= _notBefore[i])
            {
                TakeDown(i);
                _notBefore[i] = nowNanos + _everyNanos;
                string topic = Encoding.UTF8.GetString(_books[i]);
                unsubscribe = Request("unsubscribe", [topic]);
                subscribe = Request("subscribe", [topic]);
                return true;
            }
        }

        unsubscribe = subscribe = [];
        return false;
    }

    /// <summary>The connection's task: whatever was wanted comes with a connection's first subscriptions.</summary>
    public void TakeAll()
    {
        for (int i = 0; i < _wanted.Length; i++)
        {
            TakeDown(i);
        }
    }

    private static IEnumerable<string> Topics(BitMexLiveOptions options) =>
        options.OtherTables.Append(options.BookTable).SelectMany(table => options.Symbols.Select(symbol => $"{table}:{symbol}"));

    private static byte[] Request(string op, string[] topics) =>
        Encoding.UTF8.GetBytes($"{{\"op\":\"{op}\",\"args\":[\"{string.Join("\",\"", topics)}\"]}}");

    private void TakeDown(int index)
    {
        if (Interlocked.Exchange(ref _wanted[index], 0) != 0)
        {
            Interlocked.Decrement(ref _wantedCount);
        }
    }

    private int Find(ReadOnlySpan<byte> symbol)
    {
        int low = 0, high = _symbols.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = symbol.SequenceCompareTo(_symbols[middle]);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (low, middle - 1) : (middle + 1, high);
        }

        return -1;
    }
}
