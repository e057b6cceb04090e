using Engine.Core.Memory;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>The families behind a contract, in its order, with the windows they share.</summary>
public sealed class FeatureSet : IDisposable
{
    /// <summary>The contract with windows.</summary>
    public const string DefaultName = "default";

    /// <summary>The contract without any window, for models that must not see the past.</summary>
    public const string SnapshotName = "snapshot";

    private static readonly long[] s_windows =
        [100_000_000, 500_000_000, 1_500_000_000, 5_000_000_000, 15_000_000_000, 60_000_000_000];

    private FeatureSet(string name, Sampling sampling, TradeWindows windows, IReadOnlyList<FeatureFamily> families)
    {
        Windows = windows;
        Families = families;
        Contract = new FeatureContract(name, families.SelectMany(f => f.Specs), sampling.ToString());
        Sampling = sampling;
    }

    /// <summary>The contract that the families make.</summary>
    public FeatureContract Contract { get; }

    /// <summary>The contract's sampling.</summary>
    public Sampling Sampling { get; }

    /// <summary>The families, in contract order.</summary>
    public IReadOnlyList<FeatureFamily> Families { get; }

    /// <summary>The traded-volume windows; fed for every contract, read by those that have window families.</summary>
    public TradeWindows Windows { get; }

    /// <summary>Names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [DefaultName, SnapshotName];

    /// <summary>Builds a contract by name.</summary>
    /// <exception cref="ArgumentException">The name is not one of <see cref="Names"/>.</exception>
    public static FeatureSet Create(string name, Sampling sampling, EngineLimits limits)
    {
        var windows = new TradeWindows(s_windows, limits);
        List<FeatureFamily> families = [new LevelDistance(ask: true), new LevelDistance(ask: false), new LevelVolume(ask: true), new LevelVolume(ask: false), new Imbalance()];
        switch (name)
        {
            case SnapshotName:
                break;
            case DefaultName:
                families.Add(new TradedVolume(windows, buy: true, count: false));
                families.Add(new TradedVolume(windows, buy: false, count: false));
                families.Add(new TradedVolume(windows, buy: true, count: true));
                families.Add(new TradedVolume(windows, buy: false, count: true));
                families.Add(new Health());
                break;
            default:
                windows.Dispose();
                throw new ArgumentException($"There is no feature contract '{name}'; there are: {string.Join(", ", Names)}.", nameof(name));
        }

        return new FeatureSet(name, sampling, windows, families);
    }

    /// <inheritdoc/>
    public void Dispose() => Windows.Dispose();
}
