using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>All that an artefact says beside its graph.</summary>
public sealed record ArtefactDescription
{
    /// <summary>Weights that were drawn from a seed: good for measuring, not for trading.</summary>
    public const string Seeded = "seeded";

    /// <summary>Weights that were fitted to data.</summary>
    public const string Trained = "trained";

    /// <summary>The features that the model reads, and when.</summary>
    public required FeatureContract Contract { get; init; }

    /// <summary>Mean by feature over the training split.</summary>
    public required ReadOnlyMemory<float> Mean { get; init; }

    /// <summary>Standard deviation by feature over the training split; 0 for a constant.</summary>
    public required ReadOnlyMemory<float> Deviation { get; init; }

    /// <summary>
    /// Whether rows go to the model as they are, NaN and infinity too: for trees, which have an answer to NaN. Mean and deviation
    /// are then 0 and 1.
    /// </summary>
    public bool IsRaw { get; init; }

    /// <summary>Most that a z-score is, either way; infinite for no bound.</summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    /// <summary>Rank-Gauss in place of z-scores; null for none. Mean and deviation are then not used.</summary>
    public RankTable? Ranks { get; init; }

    /// <summary>How the normaliser's kind is spelled in a file: `z-score`, `rank-gauss` or `none`.</summary>
    public string NormaliserKind => NormaliserJson.KindOf(IsRaw, Ranks);

    /// <summary>What is predicted, e.g. `return`.</summary>
    public required string Label { get; init; }

    /// <summary>How far ahead, ns of exchange time.</summary>
    public required long HorizonNanos { get; init; }

    /// <summary>Names of what it was trained on, e.g. days; empty for seeded weights.</summary>
    public required IReadOnlyList<string> TrainingSplit { get; init; }

    /// <summary><see cref="Seeded"/> or <see cref="Trained"/>.</summary>
    public required string Weights { get; init; }

    /// <summary>A remark for people; may be empty.</summary>
    public string Note { get; init; } = string.Empty;

    /// <summary>What a prediction of a model of windows follows from; <see cref="SequenceMode.Windows"/> of any other.</summary>
    public SequenceMode Sequence { get; init; }

    /// <summary>What an ensemble is made of; null of any other model. Its rows are raw: the members normalise.</summary>
    public EnsembleDescription? Ensemble { get; init; }

    /// <summary>Raw rows and expected outputs; of an ensemble's member, those of the ensemble.</summary>
    public required GoldenVectors Golden { get; init; }

    /// <summary>The normaliser, as it is written.</summary>
    internal NormaliserForm Form => new(Mean.ToArray(), Deviation.ToArray(), IsRaw, Clip, Ranks);

    /// <summary>A normaliser with these statistics, its counters at zero.</summary>
    public Normaliser CreateNormaliser() => Ranks is { } ranks ? new Normaliser(ranks) : new Normaliser(Mean.Span, Deviation.Span, IsRaw, Clip);
}
