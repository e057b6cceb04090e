using System.Globalization;
using System.Security.Cryptography;
using Engine.Core.Time;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.OnnxRuntime;
using Engine.Training.Backends;
using Engine.Training.Evaluation;
using Engine.Training.Export;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>
/// Runs a plan: looks for leaks, fits every model in every round, exports each and holds its file, run by the engine, against the
/// trainer's predictions, fuses the ensembles, and writes it all down. Nothing that it writes but speeds depends on when or how fast it ran.
/// </summary>
public sealed class RunTrainer
{
    private readonly RunContext _context;
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, (PredictionSet Predictions, byte[]? Artefact)> _done = new(StringComparer.Ordinal);
    private readonly List<ModelRecord> _models = [];
    private bool _withOrt = true;

    private RunTrainer(RunContext context) => _context = context;

    private RunData Rows => _context.Rows;

    private RunPlan Plan => _context.Rows.Plan;

    private string Judged => Rows.Final.Test.Length > 0 ? "test" : "valid";

    /// <summary>Runs a plan in a folder that was made ready for it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folder">Where everything goes; what was done there already is gone on with.</param>
    /// <param name="backend">What trains.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="clock">For speeds only.</param>
    /// <param name="toolVersion">What runs.</param>
    /// <param name="cancellation">Ends the run after the burst of steps at hand; the epochs before it are kept.</param>
    /// <exception cref="RunException">A leak, or a model that does not answer as it did when it was trained.</exception>
    /// <exception cref="OperationCanceledException">It was asked to end.</exception>
    public static void Run(
        RunPlan plan, RunFolder folder, ITrainingBackend backend, IRunObserver observer, IClock clock, string toolVersion, CancellationToken cancellation = default) =>
        Run(plan, folder, backend, observer, clock, toolVersion, fitsOnAllRows: false, cancellation);

    /// <summary>The same, the normaliser fitted on all rows: a leak, which ends the run unless it is not looked for.</summary>
    internal static void Run(
        RunPlan plan, RunFolder folder, ITrainingBackend backend, IRunObserver observer, IClock clock, string toolVersion, bool fitsOnAllRows, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(observer);
        RunData rows = RunData.Load(plan);
        new RunTrainer(new RunContext(rows, folder, backend, observer, clock, toolVersion, cancellation)).Run(Statistics(rows, fitsOnAllRows));
    }

    /// <summary>Statistics of the normaliser, round by round.</summary>
    /// <param name="rows">The rounds.</param>
    /// <param name="ofAllRows">Of all rows, which is a leak, and not of the training rows.</param>
    internal static PartStatistics[] Statistics(RunData rows, bool ofAllRows)
    {
        bool withRanks = rows.Plan.Models.Any(m => m.IsNetwork && m.Normaliser.Kind == NormaliserKind.RankGauss);
        int[] all = [.. Enumerable.Range(0, rows.Data.Rows)];
        return [.. rows.AllParts.Select(part => PartStatistics.FitOn(rows.Data, ofAllRows ? all : part.Train, withRanks))];
    }

    private void Run(PartStatistics[] statistics)
    {
        foreach (ModelPlan model in Plan.Models.Where(m => m.IsNetwork))
        {
            NetworkFits.Check(_context, model);
        }

        RefuseLeaks(statistics);
        if (FarRows.Warning(Rows.Data, Rows.Final.Train, Judged == "test" ? Rows.Final.Test : Rows.Final.Valid, Judged, statistics[^1]) is { } far)
        {
            _warnings.Add(far);
        }

        _context.Folder.AddBackend(_context.Backend.Name);
        var fits = new RoundFits(_context, statistics);
        foreach (ModelPlan model in Plan.Models)
        {
            Train(model, fits);
        }

        foreach (EnsemblePlan ensemble in Plan.Ensembles)
        {
            Fuse(ensemble);
        }

        new RunRecord
        {
            Title = Plan.Title,
            Origin = Origin(),
            Warnings = [.. Warnings(), .. _warnings],
            IsClassification = Plan.IsClassification,
            TrainingMean = Rows.Final.Train.Average(r => (double)Rows.Data.Labels[r]),
            Judged = Judged,
            Level = Plan.Level,
            Seed = Plan.Seed,
            Models = _models,
        }.Write(_context.Folder.Record);
    }

    private void RefuseLeaks(PartStatistics[] statistics)
    {
        IReadOnlyList<Leak> found = Rows.Leaks(statistics);
        if (found.Count > 0)
        {
            string others = string.Join(", ", found.Skip(1).Select(l => Leak.NameOf(l.Kind)).Distinct(StringComparer.Ordinal));
            throw new RunException(
                $"nothing was trained, there is a leak: {found[0]}{(others.Length > 0 ? $"; also {others}" : "")}; \"unchecked\": [\"{Leak.NameOf(found[0].Kind)}\"] in the configuration trains all the same, and the report says so",
                isData: true);
        }

        _context.Observer.Say(string.Create(CultureInfo.InvariantCulture, $"{Rows.Data.Rows:N0} rows, {Rows.AllParts.Count()} rounds, no leak found; {_context.Backend.Name} trains"));
    }

    private void Train(ModelPlan model, RoundFits fits)
    {
        var predictions = new PredictionSet(Rows);
        var records = new List<RoundRecord>();
        RoundFit? kept = null;
        foreach ((int i, SplitPart part) in Rows.AllParts.Index())
        {
            RoundFit fit = fits.Take(model, i);
            records.Add(fit.Record);
            if (fit.Fault is { } fault)
            {
                fits.Drop(model);
                LeaveOut(model.Name, $"{fault} in {part.Id}; lower its learning rate");
                return;
            }

            if (fit.Record.IsDiverged)
            {
                _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{model.Name} diverged in {part.Id}: epoch {fit.Record.BestEpoch + 1} is kept; lower its learning rate"));
            }

            predictions.Add(fit, i);
            kept = ReferenceEquals(part, Rows.Final) ? fit : kept;
        }

        if (records[^1].WithoutWindow > 0)
        {
            _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{model.Name} reads a window: {records[^1].WithoutWindow:N0} rows have too few ticks of their instrument before them and are left out of its scores"));
        }

        if (records.Sum(r => r.Reaching) is > 0 and int reaching)
        {
            _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{model.Name} reads a window: {reaching:N0} training rows, of all rounds, are not fitted on, since their window reaches into what the round leaves out"));
        }

        try
        {
            byte[]? artefact = kept!.Export is { } export ? Export(export) : null;
            Finish(model.Name, RunPlan.Kinds[(int)model.Kind], model.Training.Step.Seed, kept.Parameters, predictions, artefact, records);
        }
        catch (ArtefactException e)
        {
            LeaveOut(model.Name, $"it cannot be exported: {e.Message}");
        }
    }

    private void LeaveOut(string name, string why)
    {
        _warnings.Add($"{name} is left out: {why}");
        _context.Observer.Say(_warnings[^1]);
    }

    private byte[] Export(Func<bool, byte[]> export)
    {
        try
        {
            return export(_withOrt);
        }
        catch (OrtUnavailableException e) when (_withOrt)
        {
            _withOrt = false;
            _warnings.Add($"ONNX Runtime has not run the models: {e.Message}");
            return export(false);
        }
    }

    private void Fuse(EnsemblePlan plan)
    {
        _context.Cancellation.ThrowIfCancellationRequested();
        if (plan.Members.FirstOrDefault(m => !_done.ContainsKey(m)) is { } missing)
        {
            LeaveOut(plan.Name, $"its member {missing} is");
            return;
        }

        float[][] valid = [.. plan.Members.Select(m => _done[m].Predictions.Of(1))];
        int[] rows = [.. Enumerable.Range(0, Rows.Data.Rows).Where(r => valid.All(v => !float.IsNaN(v[r])))];
        Fusion fusion = FusionFit.Fit(plan.Fusion, [.. valid.Select(v => rows.Select(r => v[r]).ToArray())], [.. rows.Select(r => Rows.Data.Labels[r])]);
        ModelArtefact[] members = [.. plan.Members.Select(m => ModelArtefact.Parse(_done[m].Artefact!, m + ".onnx", Rows.Data.Contract))];
        string note = string.Create(CultureInfo.InvariantCulture, $"fused on {rows.Length} validation predictions");
        byte[] artefact = Export(withOrt => EnsembleExport.ToBytes(members, fusion, null, note, withOrt));
        var predictions = new PredictionSet(Rows);
        int kept = Rows.AllParts.Count() - 1;
        foreach ((int part, int[] list) in (ReadOnlySpan<(int, int[])>)[(0, Rows.Final.Train), (1, rows), (2, Rows.Final.Test)])
        {
            float[][] said = [.. plan.Members.Select(m => _done[m].Predictions.Of(part))];
            var fused = new float[Rows.Data.Rows];
            foreach (int row in list)
            {
                fused[row] = fusion.Apply([.. said.Select(s => s[row])]);
            }

            predictions.Add(part, kept, list, fused);
        }

        _warnings.Add($"{plan.Name} is fused on the validation rows: its scores there say nothing");
        long parameters = _models.Where(m => plan.Members.Contains(m.Name)).Sum(m => m.Parameters) + members.Length + 1;
        Finish(plan.Name, "ensemble", Plan.Seed, parameters, predictions, artefact, []);
    }

    private void Finish(string name, string kind, ulong seed, long parameters, PredictionSet predictions, byte[]? artefact, IReadOnlyList<RoundRecord> rounds)
    {
        _context.Cancellation.ThrowIfCancellationRequested();
        (int Rows, double Largest) compared = (0, 0);
        (int Rows, IReadOnlyList<FamilyImportance> Families) importance = (0, []);
        if (artefact is not null)
        {
            RunFolder.Write(_context.Folder.Model(name), artefact);
            ModelArtefact model = ModelArtefact.Load(_context.Folder.Model(name), Rows.Data.Contract);
            int[] rows = Rows.Final.Test.Length > 0 ? Rows.Final.Test : Rows.Final.Train;
            compared = ExportCheck.Compare(model, Rows.Data, rows, predictions.Of(Rows.Final.Test.Length > 0 ? 2 : 0), LabelScale.Of(Rows.Data, Rows.Final.Train).Deviation);
            if (kind is not ("zero" or "mean") && Plan.ImportanceRows > 1)
            {
                importance = FamilyShuffle.Of(model, Rows.Data, Rows.Final.Test.Length > 0 ? rows : Rows.Final.Valid, Plan.ImportanceRows, Plan.IsClassification, Plan.Seed);
            }
        }

        predictions.ToTable().Write(_context.Folder.Predictions(name));
        _done[name] = (predictions, artefact);
        string? sha = artefact is null ? null : Convert.ToHexStringLower(SHA256.HashData(artefact));
        _models.Add(new ModelRecord(name, kind, seed, parameters, sha, compared.Rows, compared.Largest, importance.Rows, importance.Families, rounds));
        _context.Observer.Say(artefact is null
            ? $"{name}: done; it has no file"
            : string.Create(CultureInfo.InvariantCulture, $"{name}: done; {compared.Rows:N0} rows in the engine differ by at most {compared.Largest:0.000} of what is allowed"));
    }

    private IEnumerable<string> Warnings()
    {
        foreach (LeakKind kind in Plan.Unchecked)
        {
            yield return $"leak check switched off: {Leak.NameOf(kind)}";
        }

        if (Judged != "test")
        {
            yield return "there is no test: models are judged on validation rows, which their epochs were chosen by";
        }

        foreach (Datasets.DatasetDay day in Rows.Manifest.Days.Where(d => d.Fault is not null))
        {
            yield return $"day {day.Id} is cut: {day.Fault}";
        }
    }

    private List<(string Name, string Value)> Origin() =>
    [
        ("data set", Plan.Dataset),
        ("data set configuration", Rows.Manifest.ConfigurationHash),
        ("days", string.Join(" ", Rows.Split.Days.Select(d => $"{d.Id}:{d.RowsHash}"))),
        ("contract", $"{Rows.Data.Contract.Name} {Rows.Data.Contract.Hash}"),
        ("label", $"{Rows.LabelText} {Rows.Data.LabelDefinition}"),
        ("split", Rows.Split.Hash),
        ("configuration", Plan.Hash),
        ("backend", string.Join(", then ", _context.Folder.ReadBackends())),
        ("seed", Plan.Seed.ToString(CultureInfo.InvariantCulture)),
        ("level", string.Create(CultureInfo.InvariantCulture, $"{Plan.Level} over {_models.Count} models (Bonferroni)")),
        ("importance", string.Create(CultureInfo.InvariantCulture, $"at most {Plan.ImportanceRows:N0} rows, evenly of the judged part; of windows as many as have five times as many ticks")),
        ("tool", _context.ToolVersion),
    ];
}
