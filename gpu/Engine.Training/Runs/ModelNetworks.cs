using Engine.Features;
using Engine.Inference.Networks;
using Engine.Training.Networks;

namespace Engine.Training.Runs;

/// <summary>The network that a model of a run is, over a contract.</summary>
internal static class ModelNetworks
{
    /// <summary>The network.</summary>
    /// <exception cref="RunException">The contract lacks a family, or the sizes cannot be.</exception>
    public static NetworkSpec Of(ModelPlan model, FeatureContract contract)
    {
        string[] families = model.Families ?? [.. contract.Families];
        if (families.FirstOrDefault(f => !contract.Families.Contains(f, StringComparer.Ordinal)) is { } unknown)
        {
            throw new RunException($"model {model.Name}: contract {contract.Name} has no family '{unknown}'; it has {string.Join(", ", contract.Families)}");
        }

        NetworkSpec spec = model.Kind switch
        {
            ModelKind.Mlp => SiloSpec.Mlp(contract.Count, model.Hidden, Activation.Relu, (float)model.Dropout),
            ModelKind.Silo => Silos(model, contract, families),
            ModelKind.Lstm => new LstmSpec
            {
                FeatureCount = contract.Count,
                Features = [.. Enumerable.Range(0, contract.Count).Where(i => families.Contains(contract.Features[i].Family, StringComparer.Ordinal))],
                Steps = model.Steps,
                Units = model.Units,
                HasBatchNorm = model.HasBatchNorm,
                Dropout = (float)model.Dropout,
                Head = [.. model.Hidden.Select(h => new DenseSpec(h, Activation.Relu, (float)model.Dropout)), new DenseSpec(1)],
            },
            _ => SiloSpec.Linear(contract.Count),
        };
        try
        {
            spec.Check();
            return spec;
        }
        catch (ArgumentException e)
        {
            throw new RunException($"model {model.Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static SiloSpec Silos(ModelPlan model, FeatureContract contract, string[] families)
    {
        DenseSpec[] Hidden(int[] sizes) => [.. sizes.Select(h => new DenseSpec(h, Activation.Relu, (float)model.Dropout))];
        return new SiloSpec
        {
            FeatureCount = contract.Count,
            Silos = [.. families.Distinct(StringComparer.Ordinal).Select(f => new SiloBranch(
                f,
                [.. Enumerable.Range(0, contract.Count).Where(i => contract.Features[i].Family == f)],
                [.. Hidden(model.Hidden), new DenseSpec(model.Embedding)]))],
            Direct = [.. Enumerable.Range(0, contract.Count).Where(i => !families.Contains(contract.Features[i].Family, StringComparer.Ordinal))],
            Fusion = [.. Hidden(model.Fusion), new DenseSpec(1)],
        };
    }
}
