using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>What an ensemble is made of.</summary>
/// <param name="Fusion">What makes one value of the members'.</param>
/// <param name="Members">In the order of the weights.</param>
public sealed record EnsembleDescription(Fusion Fusion, IReadOnlyList<EnsembleMember> Members);

/// <summary>A member of an ensemble, as its own file said.</summary>
public sealed record EnsembleMember
{
    /// <summary>Name of its file, without a folder.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of its file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What it predicts.</summary>
    public required string Label { get; init; }

    /// <summary>How far ahead, ns of exchange time.</summary>
    public required long HorizonNanos { get; init; }

    /// <summary><see cref="ArtefactDescription.Seeded"/> or <see cref="ArtefactDescription.Trained"/>.</summary>
    public required string Weights { get; init; }

    /// <summary>Names of what it was trained on.</summary>
    public required IReadOnlyList<string> TrainingSplit { get; init; }

    /// <summary>How its input lies.</summary>
    public required InputWindow Window { get; init; }

    /// <summary>Mean by feature.</summary>
    public required ReadOnlyMemory<float> Mean { get; init; }

    /// <summary>Standard deviation by feature.</summary>
    public required ReadOnlyMemory<float> Deviation { get; init; }

    /// <summary>Whether rows go to it as they are.</summary>
    public required bool IsRaw { get; init; }

    /// <summary>Bound of its z-scores; infinite for none.</summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    /// <summary>Rank-Gauss; null where its normaliser is of another kind.</summary>
    public RankTable? Ranks { get; init; }

    /// <summary>A model as a member.</summary>
    public static EnsembleMember Of(ModelArtefact artefact) => new()
    {
        Name = System.IO.Path.GetFileName(artefact.Path),
        Sha256 = artefact.Sha256,
        Label = artefact.Description.Label,
        HorizonNanos = artefact.Description.HorizonNanos,
        Weights = artefact.Description.Weights,
        TrainingSplit = artefact.Description.TrainingSplit,
        Window = artefact.Window,
        Mean = artefact.Description.Mean,
        Deviation = artefact.Description.Deviation,
        IsRaw = artefact.Description.IsRaw,
        Clip = artefact.Description.Clip,
        Ranks = artefact.Description.Ranks,
    };
}
