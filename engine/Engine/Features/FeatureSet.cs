using Engine.Core.Memory;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>The families behind a contract, in its order, with the traded windows they share.</summary>
public sealed class FeatureSet : IDisposable
{
    /// <summary>The contract of every family.</summary>
    public const string DefaultName = "default";

    /// <summary>The contract without any window, for models that must not see the past.</summary>
    public const string SnapshotName = "snapshot";

    private FeatureSet(string name, Sampling sampling, IReadOnlyList<FamilyChoice> choices, EngineLimits limits)
    {
        long[] traded = [.. choices.Where(c => c.Kind.Windows == FamilyWindows.Exact).SelectMany(c => c.WindowNanos).Distinct().Order()];
        Windows = traded.Length == 0 ? null : new TradeWindows(traded, limits);
        try
        {
            FeatureFamily[] families = [.. choices.Select(c => c.Kind.Make(c, Windows))];
            Layout = new BlockLayout(families);
            Contract = new FeatureContract(name, families.SelectMany(f => f.Specs), sampling.ToString());
        }
        catch
        {
            Windows?.Dispose();
            throw;
        }

        Sampling = sampling;
    }

    /// <summary>The contract that the families make.</summary>
    public FeatureContract Contract { get; }

    /// <summary>The contract's sampling.</summary>
    public Sampling Sampling { get; }

    /// <summary>The families, and where their state lies.</summary>
    internal BlockLayout Layout { get; }

    /// <summary>The traded windows; null where no family reads them.</summary>
    internal TradeWindows? Windows { get; }

    /// <summary>Names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [DefaultName, SnapshotName];

    /// <summary>Builds a contract by name.</summary>
    /// <exception cref="ArgumentException">The name is not one of <see cref="Names"/>.</exception>
    public static FeatureSet Create(string name, Sampling sampling, EngineLimits limits) => name switch
    {
        DefaultName => new FeatureSet(name, sampling, [.. FamilyCatalogue.All.Select(k => k.Default)], limits),
        SnapshotName => new FeatureSet(name, sampling, [.. FamilyCatalogue.All.Take(5).Select(k => k.Default)], limits),
        _ => throw new ArgumentException($"There is no feature contract '{name}'; there are: {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <inheritdoc/>
    public void Dispose() => Windows?.Dispose();
}
