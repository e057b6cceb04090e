using Engine.Features;
using Engine.Inference.Artefacts;
using Engine.Training.Datasets;
using Engine.Training.Export;
using Engine.Training.Losses;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>What fits of every kind ask of a round: loss, units of labels, and what a model's file says of it.</summary>
/// <param name="context">The run.</param>
internal sealed class RoundFacts(RunContext context)
{
    /// <summary>Golden rows of a trained model beyond its window.</summary>
    private const int GoldenCount = 96;

    private TrainingData Data => context.Rows.Data;

    /// <summary>The loss of a model, with class weights of the round's training rows where it balances them.</summary>
    /// <exception cref="RunException">The rows have one class only.</exception>
    public LossSpec LossOf(ModelPlan model, SplitPart part)
    {
        if (!model.BalancesClasses)
        {
            return model.Loss;
        }

        try
        {
            return LossSpec.Balanced([.. part.Train.Select(r => Data.Labels[r])]);
        }
        catch (ArgumentException e)
        {
            throw new RunException($"model {model.Name}, {part.Id}: {e.Message.ReplaceLineEndings(" ")}", isData: true);
        }
    }

    /// <summary>Units that labels are learnt in.</summary>
    public LabelScale ScaleOf(ModelPlan model, SplitPart part, LossSpec loss) => model.ScalesLabel && !loss.IsLogit ? LabelScale.Of(Data, part.Train) : LabelScale.None;

    /// <summary>What a model's file says that it was trained on: the round, and the days of its training rows.</summary>
    public string[] SplitIds(SplitPart part) =>
        [context.Rows.Split.IdOf(part), .. part.Train.Select(r => Data.Days[r]).Distinct().Order().Select(d => Data.DayIds[d])];

    /// <summary>What a model's file says of itself.</summary>
    /// <param name="part">The round.</param>
    /// <param name="statistics">The normaliser's.</param>
    /// <param name="normaliser">What it makes of them.</param>
    /// <param name="window">Ticks that the model reads.</param>
    /// <param name="seed">Of the golden rows.</param>
    /// <param name="note">A line for people.</param>
    public ArtefactDescription Describe(SplitPart part, PartStatistics statistics, NormaliserPlan normaliser, int window, ulong seed, string note) => new()
    {
        Contract = Data.Contract,
        Mean = statistics.Mean,
        Deviation = statistics.Deviation,
        Clip = normaliser.ClipOfScores,
        Ranks = normaliser.RanksOf(statistics),
        Label = context.Rows.LabelText,
        HorizonNanos = context.Rows.Definition.Horizon.Nanos,
        TrainingSplit = SplitIds(part),
        Weights = ArtefactDescription.Trained,
        Note = note,
        Golden = GoldenRows.Draw(statistics.Mean, statistics.Deviation, window + GoldenCount, seed, normaliser.GoldenReach).WithoutOutputs(),
    };
}
