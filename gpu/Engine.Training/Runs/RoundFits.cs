using Engine.Training.Backends;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>
/// The fits of a run, each made when it is asked for: a network together with as many others of its shape as the backend gains from training side by
/// side, which are the rounds of its model, and models behind it that have the same network, batch size and kind of loss.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="statistics">The normaliser's, by round.</param>
internal sealed class RoundFits(RunContext context, PartStatistics[] statistics)
{
    /// <summary>Most values of the normalised rows that a group learns from: 8 GiB.</summary>
    private const long MaxValues = 1L << 31;

    /// <summary>Most fits that wait to be taken, in groups.</summary>
    private const int MaxWaitingGroups = 2;

    private readonly ModelFits _others = new(context);
    private readonly NetworkFits _networks = new(context);
    private readonly SplitPart[] _parts = [.. context.Rows.AllParts];
    private readonly Dictionary<(string Model, int Round), RoundFit> _waiting = [];
    private readonly Dictionary<(string Model, int Round), (RoundRecord Record, bool IsFaulty)> _made = [];

    /// <summary>A model in one round. Rounds are asked for in their order.</summary>
    /// <param name="model">What.</param>
    /// <param name="round">Number of the round, in the order of <see cref="RunData.AllParts"/>.</param>
    /// <exception cref="OperationCanceledException">Somebody wants the run to end.</exception>
    public RoundFit Take(ModelPlan model, int round)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        if (!_waiting.ContainsKey((model.Name, round)))
        {
            Make(model, round);
        }

        _waiting.Remove((model.Name, round), out RoundFit? fit);
        return fit!;
    }

    /// <summary>Forgets a model of which nothing is asked any more.</summary>
    public void Drop(ModelPlan model)
    {
        for (int round = 0; round < _parts.Length; round++)
        {
            _waiting.Remove((model.Name, round));
        }
    }

    private void Make(ModelPlan model, int round)
    {
        if (!model.IsNetwork)
        {
            Keep(model, round, _others.Fit(model, _parts[round], EpochsOf(model, round)));
            return;
        }

        List<RoundJob> jobs = Together(model, round);
        if (jobs.Count > 1)
        {
            context.Observer.Say(FormattableString.Invariant(
                $"{jobs.Count} networks side by side: {string.Join(", ", jobs.GroupBy(j => j.Model.Name).Select(g => $"{g.Key} in {string.Join(" ", g.Select(j => j.Part.Id))}"))}"));
        }

        foreach ((RoundJob job, RoundFit fit) in jobs.Zip(_networks.Fit(jobs)))
        {
            Keep(job.Model, job.Round, fit);
        }
    }

    private void Keep(ModelPlan model, int round, RoundFit fit)
    {
        _waiting[(model.Name, round)] = fit;
        _made[(model.Name, round)] = (fit.Record, fit.Fault is not null);
    }

    // The extra round is for as many epochs as the others needed on average.
    private int? EpochsOf(ModelPlan model, int round) => round < context.Rows.Rounds.Count ? null
        : Math.Max(1, (int)Math.Round(Enumerable.Range(0, round).Average(r => _made[(model.Name, r)].Record.BestEpoch + 1.0), MidpointRounding.AwayFromZero));

    private RoundJob Job(ModelPlan model, int round) => new(model, round, _parts[round], statistics[round], EpochsOf(model, round));

    private List<RoundJob> Together(ModelPlan model, int round)
    {
        var jobs = new List<RoundJob> { Job(model, round) };
        (string, int, LossKind) shape = ShapeOf(model);
        int most = Math.Min(context.Backend.GroupSize, ITrainingBackend.MaxGroup);
        long rowValues = Math.Max(1, (long)context.Rows.Data.Rows * context.Rows.Data.Columns);
        var rows = new HashSet<(int, NormaliserPlan, bool)> { RowsOf(model, round) };

        // Extra rounds go with extra rounds first: they are as long as each other.
        bool isExtra = round >= context.Rows.Rounds.Count;
        IEnumerable<(ModelPlan Model, int Round)> others = most == 1 ? [] : context.Rows.Plan.Models
            .SkipWhile(m => m != model).Where(m => m.IsNetwork && ShapeOf(m) == shape)
            .SelectMany(m => Enumerable.Range(0, _parts.Length).Select(r => (m, r)))
            .OrderBy(o => (o.r >= context.Rows.Rounds.Count) != isExtra);
        foreach ((ModelPlan other, int at) in others)
        {
            bool isOpen = (other != model || at != round) && !_made.ContainsKey((other.Name, at)) && CanBegin(other, at);
            if (isOpen && jobs.Count < most && _waiting.Count + jobs.Count < MaxWaitingGroups * most
                && (rows.Contains(RowsOf(other, at)) || (rows.Count + 1) * rowValues <= MaxValues))
            {
                jobs.Add(Job(other, at));
                rows.Add(RowsOf(other, at));
            }
        }

        return jobs;
    }

    private bool CanBegin(ModelPlan model, int round) => round < context.Rows.Rounds.Count
        || Enumerable.Range(0, round).All(r => _made.TryGetValue((model.Name, r), out (RoundRecord Record, bool IsFaulty) made) && !made.IsFaulty);

    private (string Network, int BatchSize, LossKind Loss) ShapeOf(ModelPlan model) => (
        NetworkText.Of(ModelNetworks.Of(model, context.Rows.Data.Contract)), model.Training.Step.BatchSize,
        model.BalancesClasses ? LossKind.BinaryCrossEntropy : model.Loss.Kind);

    // Members that this is the same of have the same normalised rows.
    private static (int Round, NormaliserPlan Normaliser, bool ScalesLabel) RowsOf(ModelPlan model, int round) =>
        (round, model.Normaliser, model.ScalesLabel && !model.BalancesClasses && !model.Loss.IsLogit);
}
