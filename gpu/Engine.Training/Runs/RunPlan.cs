using Engine.Inference.Networks;
using Engine.Training.Datasets;
using Engine.Training.Losses;
using Engine.Training.Splits;
using Engine.Training.Training;
using Engine.Training.Trees;

namespace Engine.Training.Runs;

/// <summary>What a model of a run is.</summary>
public enum ModelKind
{
    /// <summary>0 for every row.</summary>
    Zero,

    /// <summary>The mean of the training labels.</summary>
    Mean,

    /// <summary>The newest label that is known. It has no file: the engine does not keep labels.</summary>
    LastValue,

    /// <summary>One dense layer.</summary>
    Linear,

    /// <summary>One dense layer under cross-entropy.</summary>
    Logistic,

    /// <summary>A perceptron.</summary>
    Mlp,

    /// <summary>Deep Silos.</summary>
    Silo,

    /// <summary>An LSTM over the last ticks.</summary>
    Lstm,

    /// <summary>Gradient-boosted trees.</summary>
    Trees,
}

/// <summary>One model of a run, with every number that decides what becomes of it. Which ones count depends on its kind.</summary>
public sealed record ModelPlan
{
    /// <summary>Its name, unique in the run; also that of its files.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>Loss, optimiser, learning rate, batch, seed, epochs, patience; of networks.</summary>
    public TrainerOptions Training { get; init; } = new();

    /// <summary>Both classes count alike: class weights are made of the training rows of each round.</summary>
    public bool BalancesClasses { get; init; }

    /// <summary>Labels are learnt as (label − mean) ÷ deviation of the training rows, and predictions turned back; a loss is then in these units.
    /// Never of a cross-entropy.</summary>
    public bool ScalesLabel { get; init; } = true;

    /// <summary>What becomes of features before the network sees them; of networks.</summary>
    public NormaliserPlan Normaliser { get; init; } = NormaliserPlan.Usual;

    /// <summary>silo: families that become silos, the others go straight into the fusion; lstm: families that go into a tick. Null: all.</summary>
    public string[]? Families { get; init; }

    /// <summary>Units of the hidden layers: of mlp, of each silo, of an lstm's head.</summary>
    public int[] Hidden { get; init; } = [];

    /// <summary>silo: width of an embedding.</summary>
    public int Embedding { get; init; } = 2;

    /// <summary>silo: units of the hidden layers behind the concatenation.</summary>
    public int[] Fusion { get; init; } = [];

    /// <summary>Behind every hidden layer, and behind an lstm's last state.</summary>
    public double Dropout { get; init; }

    /// <summary>lstm: ticks of a window.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>lstm: units.</summary>
    public int Units { get; init; } = 64;

    /// <summary>lstm: batch normalisation behind the last state.</summary>
    public bool HasBatchNorm { get; init; } = true;

    /// <summary>trees: how they are boosted.</summary>
    public BoostingSpec Boosting { get; init; } = new();

    /// <summary>The loss, of whatever kind of model.</summary>
    public LossSpec Loss => Kind == ModelKind.Trees ? Boosting.Loss : Training.Step.Loss;

    /// <summary>Whether it is trained by steps.</summary>
    public bool IsNetwork => Kind is ModelKind.Linear or ModelKind.Logistic or ModelKind.Mlp or ModelKind.Silo or ModelKind.Lstm;
}

/// <summary>Several models of a run as one, fused by weights that are fitted on predictions for rows which the members were not fitted on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Members">Names of models.</param>
/// <param name="Fusion">What makes one value of theirs.</param>
public sealed record EnsemblePlan(string Name, IReadOnlyList<string> Members, FusionKind Fusion);

/// <summary>A run, resolved: every key that its file did not say has its default.</summary>
public sealed record RunPlan
{
    /// <summary>Most models and ensembles of a run.</summary>
    public const int MaxModels = 64;

    /// <summary>Title of its report.</summary>
    public required string Title { get; init; }

    /// <summary>Folder of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>Name of the label.</summary>
    public required string Label { get; init; }

    /// <summary>The split's file.</summary>
    public required string Split { get; init; }

    /// <summary>Of whatever has no seed of its own.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Level of the tests, divided by the number of models (Bonferroni).</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>Labels above this are class 1, others class 0, and models predict a probability; null: the label itself is predicted.</summary>
    public double? ClassAbove { get; init; }

    /// <summary>Leaks that are not looked for; the report warns of each.</summary>
    public IReadOnlyList<LeakKind> Unchecked { get; init; } = [];

    /// <summary>Most rows for permutation importance, where a model reads a row; of windows as many as have this many ticks five times over.</summary>
    public int ImportanceRows { get; init; } = 20_000;

    /// <summary>The models, the ladder of baselines first.</summary>
    public required IReadOnlyList<ModelPlan> Models { get; init; }

    /// <summary>The ensembles.</summary>
    public IReadOnlyList<EnsemblePlan> Ensembles { get; init; } = [];

    /// <summary>The kinds, spelled.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["zero", "mean", "last_value", "linear", "logistic", "mlp", "silo", "lstm", "trees"];

    /// <summary>Whether models predict a probability.</summary>
    public bool IsClassification => ClassAbove is not null;

    /// <summary>The plan as indented JSON with all keys: a configuration that gives the same plan.</summary>
    public byte[] ToJson() => RunPlanText.Write(this);

    /// <summary>SHA-256 of <see cref="ToJson"/>, lower-case hex.</summary>
    public string Hash => DatasetOptions.HashOf(System.Text.Encoding.UTF8.GetString(ToJson()));
}
