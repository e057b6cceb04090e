using Engine.Core.Memory;
using Engine.Features.Families;

namespace Engine.Features.Contracts;

/// <summary>A contract as it is explained: its columns, what fills them, what it costs.</summary>
public sealed class ContractDescription
{
    /// <summary>The least that a contract can be built with.</summary>
    private static readonly EngineLimits s_limits = new() { Instruments = 1, WindowTrades = 64 };

    private ContractDescription(FeatureSet set, ContractDefinition definition)
    {
        Contract = set.Contract;
        BytesByInstrument = set.BytesByInstrument;
        Families = [.. definition.Families.Select((c, i) => Describe(c, set.Layout.Families[i], set.Layout.Families[i].FirstColumn))];
    }

    /// <summary>The columns.</summary>
    public FeatureContract Contract { get; }

    /// <summary>What fills them, in order.</summary>
    public IReadOnlyList<FamilyDescription> Families { get; }

    /// <summary>Bytes of memory that features take for each instrument, beside the pool of traded quantities that all share.</summary>
    public int BytesByInstrument { get; }

    /// <summary>Describes a contract with its own sampling, or another.</summary>
    /// <exception cref="ContractException">It cannot be built.</exception>
    public static ContractDescription Of(ContractDefinition definition, Sampling? sampling = null)
    {
        using FeatureSet set = FeatureSet.Create(definition, sampling ?? definition.Sampling, s_limits);
        return new ContractDescription(set, definition);
    }

    private static FamilyDescription Describe(FamilyChoice choice, FeatureFamily family, int first) => new(
        choice.Kind.Name, first, family.Specs.Count, choice.Kind.Levels == 0 ? null : choice.Levels,
        choice.Kind.Windows.ToString().ToLowerInvariant(), choice.WindowNanos, [.. family.Specs.Select(s => s.Unit).Distinct(StringComparer.Ordinal)],
        choice.Kind.Formula, choice.Kind.Source);
}

/// <summary>A family of a contract as it is explained.</summary>
/// <param name="Name">Its name.</param>
/// <param name="FirstColumn">Index of its first column.</param>
/// <param name="Columns">How many it has.</param>
/// <param name="Levels">Levels of the book; null where that is no choice.</param>
/// <param name="Windows">How it looks back: `none`, `exact`, or `bucketed`, by sixteenths of a window.</param>
/// <param name="WindowNanos">Lengths of its windows, ns, shortest first.</param>
/// <param name="Units">Units of its columns, in order of first appearance.</param>
/// <param name="Formula">What its columns are, in a line.</param>
/// <param name="Source">Where the formula comes from.</param>
public sealed record FamilyDescription(
    string Name, int FirstColumn, int Columns, int? Levels, string Windows, IReadOnlyList<long> WindowNanos, IReadOnlyList<string> Units, string Formula, string Source);
