using Engine.Books;
using Engine.Core.Events;
using Engine.Features;

namespace Engine.Signals;

/// <summary>
/// Rows → predictions: normalise, run every model, publish; then what the models left for afterwards, which is nobody's latency
/// but the next row's.
/// </summary>
public struct PredictionStage<TSink> : IRowHandler
    where TSink : struct, IPredictionSink
{
    private readonly RunningModel[] _models;
    private readonly float[] _normalised;
    private readonly StageTimer _timer;
    private TSink _sink;
    private Prediction _prediction;

    /// <param name="models">The models, all of one contract.</param>
    /// <param name="features">Features in a row.</param>
    /// <param name="sink">Where predictions go.</param>
    /// <param name="timer">Laps of inference and of the whole path.</param>
    public PredictionStage(IReadOnlyList<RunningModel> models, int features, TSink sink, StageTimer timer)
    {
        _models = [.. models];
        _normalised = new float[features];
        _sink = sink;
        _timer = timer;
        timer.Follow(_models);
    }

    /// <summary>Whether rows from suspect books make no prediction.</summary>
    public bool SuppressesSuspect { get; init; }

    /// <summary>
    /// Whether the models' background work is left to <see cref="Background"/>, for a thread that has more rows to make first or
    /// looks for packets between the pieces; otherwise it is done as soon as a row's predictions are published. The predictions are
    /// the same.
    /// </summary>
    public bool DefersBackground { get; init; }

    /// <summary>Rows that made no prediction because their book was suspect.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Predictions that were NaN or infinite: published and logged as they are.</summary>
    public long NotFinite { get; private set; }

    /// <summary>Features that were NaN or infinite before normalising, over all rows and models.</summary>
    public long MissingFeatures { get; private set; }

    /// <summary>Where predictions go.</summary>
    public readonly TSink Sink => _sink;

    /// <inheritdoc/>
    public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
    {
        if (_models.Length == 0)
        {
            return;
        }

        if (SuppressesSuspect && stamp.Trust == BookTrust.Suspect)
        {
            Suppressed++;
            return;
        }

        _prediction.Trust = (byte)stamp.Trust;
        _prediction.Flags = (byte)e.Flags;
        _prediction.Instrument = stamp.Instrument;
        _prediction.ExchangeTime = stamp.Time;
        _prediction.ReceiveTime = e.ReceiveTime;
        _prediction.Sequence = e.Sequence;
        _prediction.Event = stamp.Event;
        _prediction.RowDigest = Signals.RowDigest.Of(row);
        long begun = _timer.Last;
        foreach (RunningModel model in _models)
        {
            float value = CanonicalBits.Of(model.Predictor.PredictRaw(stamp.Instrument, row, model.Normaliser, _normalised, out int missing));
            NotFinite += float.IsFinite(value) ? 0 : 1;
            MissingFeatures += missing;
            _prediction.Model = model.Number;
            _prediction.Value = value;
            _prediction.Missing = (ushort)missing;
            if (model.Members != 0)
            {
                PublishMembers(model);
            }

            _sink.Publish(ref _prediction);
            _timer.Lap(model);
        }

        _timer.Predicted(begun);
        if (!DefersBackground)
        {
            CompleteBackground();
        }
    }

    /// <summary>Puts a model in the place of another, between two rows: its own windows fill from here on.</summary>
    /// <param name="index">Which of the stage's models.</param>
    /// <param name="next">What takes its place; of the same contract.</param>
    /// <param name="record">What is told of it; published before anything that the model says.</param>
    public void Replace(int index, RunningModel next, ref Prediction record)
    {
        _models[index] = next;
        _sink.Publish(ref record);
    }

    /// <summary>Does one short piece of each model's background work.</summary>
    /// <returns>Whether anything is left.</returns>
    public readonly bool Background()
    {
        bool isMore = false;
        foreach (RunningModel model in _models)
        {
            isMore |= model.Predictor.Background();
        }

        return isMore;
    }

    /// <summary>Does all of the models' background work; what it takes belongs to no stage.</summary>
    public readonly void CompleteBackground()
    {
        if (!Background())
        {
            return;
        }

        while (Background())
        {
        }

        _timer.Skip();
    }

    private void PublishMembers(RunningModel model)
    {
        ReadOnlySpan<float> values = model.Predictor.MemberValues;
        for (int first = 0; first < values.Length; first += MemberRecord.MaxValues)
        {
            ReadOnlySpan<float> some = values[first..Math.Min(values.Length, first + MemberRecord.MaxValues)];
            var item = default(Prediction);
            ref MemberRecord record = ref MemberRecord.Of(ref item);
            record.RecordKind = MemberRecord.Kind;
            record.Count = (byte)some.Length;
            record.First = (byte)first;
            record.Model = model.Number;
            record.Instrument = _prediction.Instrument;
            some.CopyTo(record.Values);
            _sink.Publish(ref item);
        }
    }
}
