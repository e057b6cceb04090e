using Engine.Core.Time;
using Engine.Training.Backends;
using Engine.Training.Reports;
using Engine.Training.Runs;
using Engine.Training.Splits;

namespace Engine.Training.Canaries;

/// <summary>What a model scores on the test, honestly and with a leak.</summary>
/// <param name="Model">Its name.</param>
/// <param name="HonestCoefficient">Information coefficient without a leak.</param>
/// <param name="LeakyCoefficient">The same with it.</param>
/// <param name="HonestAuc">Area under the curve without a leak.</param>
/// <param name="LeakyAuc">The same with it.</param>
public sealed record CanaryScore(string Model, double HonestCoefficient, double LeakyCoefficient, double HonestAuc, double LeakyAuc);

/// <summary>What became of a planted leak.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it must be found as.</param>
/// <param name="All">All that the checks say of it.</param>
/// <param name="StillSeen">What others say with the checks for it switched off.</param>
/// <param name="Scores">What models score that are trained all the same.</param>
public sealed record CanaryOutcome(string Name, LeakKind Kind, IReadOnlyList<Leak> All, IReadOnlyList<Leak> StillSeen, IReadOnlyList<CanaryScore> Scores)
{
    /// <summary>The leak by its name; null where the checks did not find it.</summary>
    public Leak? Found => All.FirstOrDefault(leak => leak.Kind == Kind);

    /// <summary>Whether nothing is found with the checks for it switched off.</summary>
    public bool IsUnseen => StillSeen.Count == 0;
}

/// <summary>
/// Why leaks are looked for: plants each in a copy of an honest run, looks for it, and trains all the same with its checks switched off, so that what it
/// would have made of the scores stands beside the honest ones.
/// </summary>
public static class CanaryRun
{
    private const string Honest = "honest";

    /// <summary>Runs it.</summary>
    /// <param name="plan">An honest configuration.</param>
    /// <param name="captures">Captures by id of the day: what a feature from the future is found by.</param>
    /// <param name="folder">An empty folder, or one that is not there.</param>
    /// <param name="backend">What trains.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="clock">For speeds only.</param>
    /// <param name="toolVersion">What runs.</param>
    /// <param name="cancellation">Ends it after the step at hand.</param>
    /// <exception cref="RunException">The folder holds something, or the honest run has a leak of its own.</exception>
    public static IReadOnlyList<CanaryOutcome> Run(
        RunPlan plan, IReadOnlyDictionary<string, IReadOnlyList<string>> captures, string folder, ITrainingBackend backend, IRunObserver observer, IClock clock,
        string toolVersion, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(observer);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new RunException($"{folder}: is not empty; name another folder");
        }

        RunReport Train(string name, RunPlan run, bool fitsOnAll)
        {
            observer.Say($"-- {name}");
            var into = new RunFolder(Path.Combine(folder, name, "run"));
            into.Prepare(run, resumes: false, overwrites: false);
            RunTrainer.Run(run, into, backend, observer, clock, toolVersion, fitsOnAll, cancellation);
            return RunReports.Make(into);
        }

        IReadOnlyList<Leak> own = Look(new Canary(Honest, LeakKind.SpanOverlap, plan), captures);
        if (own.Count > 0)
        {
            throw new RunException($"the run has a leak of its own: {own[0]}", isData: true);
        }

        RunReport honest = Train(Honest, plan, fitsOnAll: false);
        var nest = new CanaryNest(plan, folder);
        var outcomes = new List<CanaryOutcome>();
        foreach (Func<Canary> plant in (Func<Canary>[])[nest.ShiftedLabel, nest.FutureFeature, nest.AllStatistics, nest.ShuffledSplit])
        {
            Canary canary = plant();
            IReadOnlyList<Leak> found = Look(canary, captures);
            Canary silent = canary with { Plan = canary.Plan with { Unchecked = [.. plan.Unchecked.Union(canary.Checks)] } };
            IReadOnlyList<Leak> seen = Look(silent, captures);

            // What others still see would end the training.
            RunPlan blind = silent.Plan with { Unchecked = [.. silent.Plan.Unchecked.Union(seen.Select(leak => leak.Kind))] };
            RunReport leaky = Train(canary.Name, blind, canary.HasStatisticsOfAllRows);
            outcomes.Add(new CanaryOutcome(canary.Name, canary.Kind, found, seen, [.. honest.Models.Zip(leaky.Models, Score).OfType<CanaryScore>()]));
        }

        return outcomes;
    }

    /// <summary>All leaks of a configuration, its captures replayed, its kinds that are switched off left out.</summary>
    private static List<Leak> Look(Canary canary, IReadOnlyDictionary<string, IReadOnlyList<string>> captures)
    {
        RunData rows = RunData.Load(canary.Plan);
        PartStatistics[] statistics = RunTrainer.Statistics(rows, canary.HasStatisticsOfAllRows);
        LeakKind[] others = [.. Enum.GetValues<LeakKind>().Where(kind => kind != LeakKind.FutureWindow), .. canary.Plan.Unchecked];
        return [.. rows.Leaks(statistics), .. SplitChecks.Files(canary.Plan.Dataset, rows.Split, captures, @unchecked: others)];
    }

    private static CanaryScore? Score(ModelReport honest, ModelReport leaky)
    {
        (double Coefficient, double Auc) Of(ModelReport model) =>
            model.Parts.LastOrDefault(part => part.Scores.Rows > 0).Scores is { } scores ? (scores.InformationCoefficient, scores.Auc) : (double.NaN, double.NaN);
        return honest.Name != leaky.Name || honest.Kind is "zero" or "mean" or "last_value" ? null
            : new CanaryScore(honest.Name, Of(honest).Coefficient, Of(leaky).Coefficient, Of(honest).Auc, Of(leaky).Auc);
    }
}
