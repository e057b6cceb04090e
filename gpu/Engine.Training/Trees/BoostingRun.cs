namespace Engine.Training.Trees;

/// <summary>Boosting as far as it has come.</summary>
internal sealed class BoostingRun
{
    private readonly BoostingSpec _spec;
    private readonly double _start;
    private readonly XgboostMatrix _train;
    private readonly XgboostMatrix? _valid;
    private readonly Action<BoostingRound>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly List<BoostingRound> _history = [];

    /// <param name="spec">How.</param>
    /// <param name="start">Where the trees start from.</param>
    /// <param name="train">Rows to fit on.</param>
    /// <param name="valid">Rows to stop by; null for none.</param>
    /// <param name="kept">What was done before; null for nothing.</param>
    /// <param name="progress">Told after every round; null for nobody.</param>
    /// <param name="cancellation">Ends after the round at hand.</param>
    public BoostingRun(
        BoostingSpec spec, double start, XgboostMatrix train, XgboostMatrix? valid, TreeCheckpoint? kept, Action<BoostingRound>? progress, CancellationToken cancellation)
    {
        (_spec, _start, _train, _valid, _progress, _cancellation) = (spec, start, train, valid, progress, cancellation);
        Model = kept?.Model ?? [];
        foreach (BoostingRound round in kept?.History ?? [])
        {
            Add(round);
        }
    }

    /// <summary>Every round.</summary>
    public IReadOnlyList<BoostingRound> History => _history;

    /// <summary>The round with the lowest validation loss; without validation rows the last.</summary>
    public int Best { get; private set; }

    /// <summary>The trees at the end of the last stretch; empty before the first.</summary>
    public byte[] Model { get; private set; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsDone => _history.Count >= _spec.Rounds || (_spec.Patience > 0 && _history.Count - 1 - Best >= _spec.Patience);

    /// <summary>Boosts to the end of the stretch.</summary>
    public void Stretch()
    {
        int stretch = _history.Count / XgboostTrainer.StretchRounds;
        using var booster = new XgboostBooster(_valid is null ? [_train] : [_train, _valid]);
        if (Model.Length > 0)
        {
            booster.Load(Model);
        }

        foreach ((string name, string value) in XgboostTrainer.Parameters(_spec, _start, stretch))
        {
            booster.Set(name, value);
        }

        while (!IsDone && _history.Count < (stretch + 1) * XgboostTrainer.StretchRounds && !_cancellation.IsCancellationRequested)
        {
            int round = _history.Count;
            booster.Update(round, _train);
            var record = new BoostingRound(round, booster.Evaluate(round, _train), _valid is null ? double.NaN : booster.Evaluate(round, _valid));
            Add(record);
            _progress?.Invoke(record);
        }

        Model = booster.Save();
    }

    private void Add(BoostingRound round)
    {
        _history.Add(round);
        Best = _valid is null || round.ValidLoss < _history[Best].ValidLoss ? round.Round : Best;
    }
}
