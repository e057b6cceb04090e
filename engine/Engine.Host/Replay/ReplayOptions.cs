using Engine.Features;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;
using Engine.Recording;

namespace Engine.Host.Replay;

/// <summary>Which threads do what.</summary>
internal enum Topology
{
    /// <summary>Receive to predict on one hot thread, recording on a cold one.</summary>
    Fused,

    /// <summary>Receive, compute and record on a thread each.</summary>
    Split,
}

/// <summary>A replay as asked for.</summary>
internal sealed record ReplayOptions
{
    /// <summary>The captures.</summary>
    public required IReadOnlyList<string> Captures { get; init; }

    /// <summary>A live feed in place of captures; null for captures.</summary>
    public LiveSettings? Live { get; init; }

    /// <summary>What is done about missing messages; null goes by the captures.</summary>
    public GapPolicy? Gaps { get; init; }

    /// <summary>Whether a hash is made of everything that comes in, as a live run does.</summary>
    public bool HashesPayloads { get; init; }

    /// <summary>The model files; may be none.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Models that take the place of others on the way.</summary>
    public IReadOnlyList<SwapRequest> Swaps { get; init; } = [];

    /// <summary>Name or file of the contract that was asked for; null where the models bring it, or the default is meant.</summary>
    public string? Contract { get; init; }

    /// <summary>The sampling that was asked for; null for the contract's.</summary>
    public Sampling? Sampling { get; init; }

    /// <summary>What decides the predictions, but for the captures and models themselves.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>Event times a second of real time; 0 as fast as it goes.</summary>
    public double Speed { get; init; }

    /// <summary>Which threads do what.</summary>
    public Topology Topology { get; init; }

    /// <summary>CPUs for compute (fused) or receive, compute, record (split); may be empty.</summary>
    public IReadOnlyList<int> Pins { get; init; } = [];

    /// <summary>CPU of a thread that does the models' background work; null leaves it to the thread that predicts.</summary>
    public int? BackgroundPin { get; init; }

    /// <summary>Real-time priority wished for the hot threads, 1 to 99; 0 none.</summary>
    public int FifoPriority { get; init; }

    /// <summary>Lock the process's memory.</summary>
    public bool LockMemory { get; init; }

    /// <summary>How models run: `native`, `ort` or `both`.</summary>
    public string Inference { get; init; } = "native";

    /// <summary>Folder for the log, the summary and the histograms; null writes none.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Overwrite what is there.</summary>
    public bool Overwrite { get; init; }
}
