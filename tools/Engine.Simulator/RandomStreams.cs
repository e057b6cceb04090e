using Engine.Core.Numerics;

namespace Engine.Simulator;

/// <summary>What a sequence of random numbers is for. Each use has its own, so that one option does not disturb another's draws.</summary>
public enum RandomStream
{
    /// <summary>Times of an instrument's events.</summary>
    Arrivals = 1,

    /// <summary>An instrument's pressure and reference price.</summary>
    Hidden = 2,

    /// <summary>What each event of an instrument is.</summary>
    Orders = 3,

    /// <summary>Latency of a line.</summary>
    Jitter = 4,

    /// <summary>Losses of a line.</summary>
    Loss = 5,

    /// <summary>Opening and closing.</summary>
    Auctions = 6,

    /// <summary>Copies of packets on a line.</summary>
    Duplicate = 7,

    /// <summary>Packets on a longer way.</summary>
    Reorder = 8,

    /// <summary>Moments in which a line stands still.</summary>
    DelaySpike = 9,

    /// <summary>Losses of a live line.</summary>
    LiveLoss = 20,

    /// <summary>Packets that a live line sends twice.</summary>
    LiveDuplication = 21,

    /// <summary>Packets that a live line holds back.</summary>
    LiveReordering = 22,

    /// <summary>Stalls of a live line.</summary>
    LiveDelay = 23,

    /// <summary>Losses of re-requests and of the replies.</summary>
    LiveRequests = 24,
}

/// <summary>Derives the generators of a run from its one seed.</summary>
public static class RandomStreams
{
    /// <summary>A generator for one use; different arguments give unrelated sequences.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">The use.</param>
    /// <param name="index">Which instrument or line.</param>
    public static SeededRandom Create(ulong seed, RandomStream stream, int index)
    {
        ulong mixed = new SeededRandom(seed).NextUInt64() ^ ((ulong)stream << 32) ^ (uint)index;
        return new SeededRandom(mixed);
    }
}
