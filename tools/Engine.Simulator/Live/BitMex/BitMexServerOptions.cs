using System.Security.Cryptography.X509Certificates;

namespace Engine.Simulator.Live.BitMex;

/// <summary>How the simulated venue behaves.</summary>
public sealed record BitMexServerOptions
{
    /// <summary>Seed of its markets.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Its symbols.</summary>
    public IReadOnlyList<BitMexSymbol> Symbols { get; init; } = BitMexSymbol.Usual;

    /// <summary>The port on the loopback address; 0 takes one that is free.</summary>
    public int Port { get; init; }

    /// <summary>Steps of its markets a second; 0 steps only where <see cref="BitMexServer.Step"/> asks for it.</summary>
    public double StepsPerSecond { get; init; }

    /// <summary>Whether levels of the book carry a time.</summary>
    public bool StampsBooks { get; init; } = true;

    /// <summary>Time between fundings, at least a millisecond. The usual eight hours are at 04:00, 12:00 and 20:00 UTC.</summary>
    public TimeSpan FundingEvery { get; init; } = BitMexReference.UsualFundingEvery;

    /// <summary>Bytes of a websocket frame; longer messages go in several. 0 sends every message in one.</summary>
    public int FrameBytes { get; init; }

    /// <summary>Messages that may wait for a client; one that is further behind is cut off.</summary>
    public int WaitingMessages { get; init; } = 100_000;

    /// <summary>With it the server speaks TLS: <c>wss://</c> and <c>https://</c>.</summary>
    public X509Certificate2? Certificate { get; init; }
}
