namespace Engine.Simulator.Live.BitMex;

/// <summary>The server's running counts; any task adds to them.</summary>
internal sealed class BitMexTally
{
    /// <summary>Websockets opened.</summary>
    public long Connections;

    /// <summary>Requests refused on demand.</summary>
    public long Refused;

    /// <summary>REST answers.</summary>
    public long RestAnswers;

    /// <summary>Topics subscribed.</summary>
    public long Subscribed;

    /// <summary>Topics ended.</summary>
    public long Unsubscribed;

    /// <summary>Requests answered by an error.</summary>
    public long BadRequests;

    /// <summary>Pings received.</summary>
    public long Pings;

    /// <summary>Data messages.</summary>
    public long Messages;

    /// <summary>Messages cut in the middle.</summary>
    public long CutMessages;

    /// <summary>Clients cut off.</summary>
    public long SlowClients;

    /// <summary>Steps.</summary>
    public long Steps;

    /// <summary>All of them now.</summary>
    public BitMexServerCounts Now() => new(
        Interlocked.Read(ref Connections), Interlocked.Read(ref Refused), Interlocked.Read(ref RestAnswers), Interlocked.Read(ref Subscribed),
        Interlocked.Read(ref Unsubscribed), Interlocked.Read(ref BadRequests), Interlocked.Read(ref Pings), Interlocked.Read(ref Messages),
        Interlocked.Read(ref CutMessages), Interlocked.Read(ref SlowClients), Interlocked.Read(ref Steps));
}
