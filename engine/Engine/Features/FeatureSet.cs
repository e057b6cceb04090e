using System.Globalization;
using Engine.Core.Memory;
using Engine.Features.Contracts;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>The families behind a contract, in its order, with the traded windows they share.</summary>
public sealed class FeatureSet : IDisposable
{
    /// <summary>The contract of every family.</summary>
    public const string DefaultName = "default";

    /// <summary>The contract without any window, for models that must not see the past.</summary>
    public const string SnapshotName = "snapshot";

    private FeatureSet(ContractDefinition definition, Sampling sampling, EngineLimits limits)
    {
        if (ContractLimits.Fault(definition.Families) is { } fault)
        {
            throw new ContractException($"contract '{definition.Name}': {fault}");
        }

        long[] traded = [.. definition.Families.Where(c => c.Kind.Windows == FamilyWindows.Exact).SelectMany(c => c.WindowNanos).Distinct().Order()];
        Windows = traded.Length == 0 ? null : new TradeWindows(traded, limits);
        try
        {
            FeatureFamily[] families = [.. definition.Families.Select(c => c.Kind.Make(c, Windows))];
            int features = families.Sum(f => f.Specs.Count);
            if (features > ContractDefinition.MaxFeatures)
            {
                throw new ContractException(string.Create(CultureInfo.InvariantCulture,
                    $"contract '{definition.Name}' has {features:N0} features; there may be {ContractDefinition.MaxFeatures:N0}, so choose fewer levels or windows"));
            }

            Layout = new BlockLayout(families);
            Contract = new FeatureContract(definition.Name, families.SelectMany(f => f.Specs), sampling.ToString());
        }
        catch (Exception e) when (e is ArgumentException or ContractException)
        {
            Windows?.Dispose();
            throw e as ContractException ?? new ContractException($"contract '{definition.Name}': {e.Message}");
        }

        Sampling = sampling;
    }

    /// <summary>The contract that the families make.</summary>
    public FeatureContract Contract { get; }

    /// <summary>The contract's sampling.</summary>
    public Sampling Sampling { get; }

    /// <summary>Bytes of memory that an instrument takes: its block, and its sums of traded windows. The trades themselves share one pool.</summary>
    public int BytesByInstrument => Layout.Bytes + (Windows?.BytesByInstrument ?? 0);

    /// <summary>The families, and where their state lies.</summary>
    internal BlockLayout Layout { get; }

    /// <summary>The traded windows; null where no family reads them.</summary>
    internal TradeWindows? Windows { get; }

    /// <summary>Builds a contract.</summary>
    /// <exception cref="ContractException">A family occurs twice, or there are too many features, families or windows.</exception>
    public static FeatureSet Create(ContractDefinition definition, Sampling sampling, EngineLimits limits) => new(definition, sampling, limits);

    /// <summary>Builds a contract that comes with the engine.</summary>
    /// <exception cref="ContractException">The name is not one of <see cref="ContractDefinition.Names"/>.</exception>
    public static FeatureSet Create(string name, Sampling sampling, EngineLimits limits) => new(ContractDefinition.BuiltIn(name), sampling, limits);

    /// <inheritdoc/>
    public void Dispose() => Windows?.Dispose();
}
