using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Datasets;
using Engine.Training.Devices;
using Engine.Training.Export;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Reports;
using Engine.Training.Splits;
using Engine.Training.Training;

namespace Engine.Training.Runs;

/// <summary>A network of a run that is to be fitted in one round.</summary>
/// <param name="Model">What.</param>
/// <param name="Round">Number of the round, in the order of <see cref="RunData.AllParts"/>.</param>
/// <param name="Part">Its rows.</param>
/// <param name="Statistics">The normaliser's, of the round's training rows.</param>
/// <param name="Epochs">Exactly as many epochs, without looking at validation rows; null: as the model's plan says.</param>
internal sealed record RoundJob(ModelPlan Model, int Round, SplitPart Part, PartStatistics Statistics, int? Epochs);

/// <summary>Fits networks of one shape side by side.</summary>
/// <param name="context">The run.</param>
internal sealed class NetworkFits(RunContext context)
{
    private readonly RoundFacts _facts = new(context);

    private TrainingData Data => context.Rows.Data;

    /// <summary>
    /// Fits, or goes on from the rounds' checkpoints. Where a device gives up on several, it is tried with half as many: each comes out as it would alone.
    /// </summary>
    /// <param name="jobs">Of one network, batch size and kind of loss; at least one and at most a group.</param>
    /// <returns>By job.</returns>
    /// <exception cref="RunException">A network that cannot be trained on its rows, or that the device cannot train by itself.</exception>
    /// <exception cref="OperationCanceledException">Somebody wants the run to end.</exception>
    public RoundFit[] Fit(IReadOnlyList<RoundJob> jobs) => InHalves(jobs, FitTogether, (count, e) => context.Observer.Say(
        FormattableString.Invariant($"{count} networks side by side were given up, half of them are tried: {e.Message.ReplaceLineEndings(" ")}")));

    /// <summary>Refuses a model that cannot be made of the run's features, or not where the run is trained.</summary>
    /// <exception cref="RunException">Which, and why.</exception>
    public static void Check(RunContext context, ModelPlan model)
    {
        NetworkSpec spec = ModelNetworks.Of(model, context.Rows.Data.Contract);
        try
        {
            context.Backend.Check(spec, model.Training.Step.BatchSize);
        }
        catch (Exception e) when (e is ArgumentException or DeviceException)
        {
            throw new RunException($"model {model.Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Does all at once, or half by half where a device gives up; where it does on one, that is the end.</summary>
    /// <param name="jobs">What, at least one.</param>
    /// <param name="work">Does some of it; as many results as jobs, in their order.</param>
    /// <param name="givenUp">Told how many were too many, and why.</param>
    /// <exception cref="DeviceException">The device gave up on one.</exception>
    internal static TResult[] InHalves<TJob, TResult>(IReadOnlyList<TJob> jobs, Func<IReadOnlyList<TJob>, TResult[]> work, Action<int, DeviceException> givenUp)
    {
        try
        {
            return work(jobs);
        }
        catch (DeviceException e) when (jobs.Count > 1)
        {
            givenUp(jobs.Count, e);
        }

        int half = (jobs.Count + 1) / 2;
        return [.. InHalves([.. jobs.Take(half)], work, givenUp), .. InHalves([.. jobs.Skip(half)], work, givenUp)];
    }

    private RoundFit[] FitTogether(IReadOnlyList<RoundJob> jobs)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        NetworkSpec spec = ModelNetworks.Of(jobs[0].Model, Data.Contract);
        var rows = new Dictionary<(int Round, NormaliserPlan Normaliser, LabelScale Scale), TrainingRows>();
        try
        {
            Member[] members = [.. jobs.Select(job => Prepare(job, spec, rows))];
            using ITrainingGroup group = Refusing(jobs, () => GroupTrainer.CreateGroup(context.Backend, [.. members.Select(m => m.Trainer)]));
            TrainingOutcome[] outcomes = Refusing(jobs, () => GroupTrainer.Run(group, [.. members.Select(m => m.Trainer)], (m, p) => Tell(jobs[m], p), context.Cancellation));
            return Array.Exists(outcomes, o => o.Reason == StopReason.Cancelled)
                ? throw new OperationCanceledException(context.Cancellation)
                : Refusing(jobs, () => (RoundFit[])[.. members.Select((member, i) => Finish(spec, member, outcomes[i], group, i))]);
        }
        finally
        {
            foreach (TrainingRows own in rows.Values)
            {
                own.Dispose();
            }
        }
    }

    private Member Prepare(RoundJob job, NetworkSpec spec, Dictionary<(int Round, NormaliserPlan Normaliser, LabelScale Scale), TrainingRows> rows)
    {
        LossSpec loss = _facts.LossOf(job.Model, job.Part);
        LabelScale scale = _facts.ScaleOf(job.Model, job.Part, loss);
        TrainerOptions options = job.Model.Training with
        {
            Step = job.Model.Training.Step with { Loss = loss },
            Epochs = job.Epochs ?? job.Model.Training.Epochs,
            Patience = job.Epochs is null ? job.Model.Training.Patience : 0,
            CheckpointPath = context.Folder.Checkpoint(job.Model.Name, job.Part.Id),
        };
        if (!rows.TryGetValue((job.Round, job.Model.Normaliser, scale), out TrainingRows? own))
        {
            own = TrainingRows.Of(Data, job.Model.Normaliser.Create(job.Statistics));
            rows.Add((job.Round, job.Model.Normaliser, scale), own);
            scale.Apply(Data.Labels).CopyTo(own.Labels, 0);
        }

        int[] apart = WindowReach.Apart(context.Rows.Split.Plan, Data, job.Part, own, spec.Window);
        return new Member(job, loss, scale, job.Part.Train.Length - apart.Length, Refusing([job], () => new Trainer(spec, own, apart, job.Part.Valid, options, context.Clock)));
    }

    private RoundFit Finish(NetworkSpec spec, Member member, TrainingOutcome outcome, ITrainingGroup group, int place)
    {
        (ModelPlan model, SplitPart part) = (member.Job.Model, member.Job.Part);
        int[] asked = member.Trainer.Rows.WithWindow(RoundFit.RowsOf(part), spec.Window);
        var record = new RoundRecord(
            part.Id, outcome.TrainRows, outcome.ValidRows, RoundFit.RowsOf(part).Length - asked.Length, outcome.BestEpoch, outcome.Reason == StopReason.Diverged,
            [.. outcome.History.Select(h => new EpochPoint(h.Epoch + 1, h.TrainLoss, h.ValidLoss, h.Rate))])
        {
            Reaching = member.Reaching,
        };
        TrainingState state = member.Scale.Undo(spec, outcome.Best);
        var values = new float[asked.Length];
        Predict(spec, member.Trainer, state, group, place, asked, values);
        ulong seed = model.Training.Step.Seed;
        string note = FormattableString.Invariant($"{RunPlan.Kinds[(int)model.Kind]}, best of {outcome.History.Count} epochs: {outcome.BestEpoch + 1}, seed {seed}");
        return new RoundFit(
            record, RoundFit.Scatter(Data, asked, values), ParameterTable.Of(spec).Count,
            withOrt => TrainedNetwork.ToBytes(spec, state, member.Loss, _facts.Describe(part, member.Job.Statistics, model.Normaliser, spec.Window, seed, note), withOrt))
        {
            Fault = outcome.BestEpoch < 0 ? "no epoch was whole" : Array.Exists(values, v => !float.IsFinite(v)) ? "it predicts what is no finite number" : null,
        };
    }

    // A network that was trained by rounded products is a model like any other: it is judged by what the engine will predict with it.
    private void Predict(NetworkSpec spec, Trainer trainer, TrainingState state, ITrainingGroup group, int place, int[] asked, float[] values)
    {
        if (!context.Backend.IsRounding)
        {
            group.Restore(place, state);
            group.Predict(place, asked, values);
            return;
        }

        using var backend = new CpuBackend();
        using TrainingSession session = TrainingSession.Create(backend, spec, trainer.Rows, trainer.Options.Step with { BatchSize = 1 });
        session.Restore(state);
        session.Predict(asked, values);
    }

    private void Tell(RoundJob job, TrainingProgress p) =>
        context.Observer.At(new RunProgress(job.Model.Name, job.Part.Id, p.Epoch, p.Epochs, p.Step, p.Steps, p.Loss, p.ValidLoss, p.SamplesPerSecond, p.Left));

    private static T Refusing<T>(IReadOnlyList<RoundJob> jobs, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is ArgumentException || (e is DeviceException && jobs.Count == 1))
        {
            string others = jobs.Count == 1 ? "" : FormattableString.Invariant($" and {jobs.Count - 1} beside it");
            throw new RunException($"model {jobs[0].Model.Name}, {jobs[0].Part.Id}{others}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private sealed record Member(RoundJob Job, LossSpec Loss, LabelScale Scale, int Reaching, Trainer Trainer);
}
