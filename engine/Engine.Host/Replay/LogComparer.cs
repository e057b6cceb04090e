using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>Holds each prediction of a replay against the next one of a log.</summary>
internal sealed class LogComparer(PredictionLogReader log) : IPredictionRecorder
{
    private string? _difference;

    /// <inheritdoc/>
    public long Predictions { get; private set; }

    /// <inheritdoc/>
    public ulong Digest { get; private set; }

    /// <inheritdoc/>
    public void Append(ref Prediction prediction)
    {
        prediction.Kind = (byte)LogRecordKind.Prediction;
        Span<byte> record = MemoryMarshal.AsBytes(new Span<Prediction>(ref prediction));
        LogRecords.Close(record);
        Digest = LogRecords.Chain(Digest, record);
        long number = Predictions++;
        if (_difference is not null)
        {
            return;
        }

        if (!log.TryRead(out Prediction logged))
        {
            _difference = log.Fault ?? string.Create(CultureInfo.InvariantCulture, $"the log ends after {number:N0} predictions, the replay goes on");
            return;
        }

        if (!record.SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Prediction>(in logged))))
        {
            _difference = Describe(number, logged, prediction);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <summary>After the replay: the first difference, or null when there is none and the log is whole.</summary>
    public string? Finish()
    {
        if (_difference is null && log.TryRead(out _))
        {
            _difference = string.Create(CultureInfo.InvariantCulture, $"the replay ends after {Predictions:N0} predictions, the log goes on");
        }

        return _difference ?? log.Fault ?? (log.IsComplete ? null : "the log has no end record");
    }

    private string Describe(long number, in Prediction logged, in Prediction replayed)
    {
        (string Name, string Log, string Replay)[] fields =
        [
            Field("time", logged.ExchangeTime, replayed.ExchangeTime),
            Field("receive time", logged.ReceiveTime, replayed.ReceiveTime),
            Field("instrument", logged.Instrument, replayed.Instrument),
            Field("sequence", logged.Sequence, replayed.Sequence),
            Field("event", logged.Event, replayed.Event),
            Field("trust", logged.Trust, replayed.Trust),
            Field("missing features", logged.Missing, replayed.Missing),
            Field("feature row digest", logged.RowDigest, replayed.RowDigest),
            Field("model", logged.Model, replayed.Model),
            Field("flags", logged.Flags, replayed.Flags),
            Field("value", logged.Value, replayed.Value),
        ];
        (string name, string a, string b) = Array.Find(fields, f => f.Log != f.Replay) is { Name: not null } found ? found : ("bytes", "?", "?");
        return string.Create(CultureInfo.InvariantCulture, $"prediction {number:N0} ({log.Symbol(logged.Instrument)}, time {logged.ExchangeTime}): {name} {a} in the log, {b} in the replay");
    }

    private static (string Name, string Log, string Replay) Field(string name, IFormattable logged, IFormattable replayed) =>
        (name, logged.ToString(null, CultureInfo.InvariantCulture), replayed.ToString(null, CultureInfo.InvariantCulture));
}
