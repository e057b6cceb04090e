using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>
/// Writes the log of a replay again and holds it, byte for byte, against the one that is to be proven: predictions, symbols,
/// seals and the end.
/// </summary>
internal sealed class LogComparer : IPredictionRecorder, IDisposable
{
    private readonly ComparingStream _stream;
    private readonly PredictionLogWriter _writer;
    private readonly InstrumentTable _instruments;

    /// <param name="path">The log.</param>
    /// <param name="head">Its head.</param>
    /// <param name="instruments">Where the replay's symbols come from.</param>
    public LogComparer(string path, LogHead head, InstrumentTable instruments)
    {
        _instruments = instruments;
        _stream = new ComparingStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16));
        _writer = new PredictionLogWriter(_stream, head, instruments);
    }

    /// <inheritdoc/>
    public long Predictions => _writer.Predictions;

    /// <inheritdoc/>
    public ulong Digest => _writer.Digest;

    /// <summary>Predictions that were equal before any difference.</summary>
    public long EqualPredictions => _stream.EqualPredictions;

    /// <inheritdoc/>
    public ModelTally Tally(int model) => _writer.Tally(model);

    /// <inheritdoc/>
    public void Append(ref Prediction prediction) => _writer.Append(ref prediction);

    /// <inheritdoc/>
    public void Flush() => _writer.Flush();

    /// <summary>After the replay: the first difference in words, or null when every byte is equal.</summary>
    /// <param name="fault">What is wrong with the log by itself, or null. It is told where the first difference is damage; a whole
    /// record that says something else is told by its content.</param>
    /// <param name="payloadHash">Of a live log: the hash of what the captures hold.</param>
    public string? Finish(string? fault, ulong payloadHash)
    {
        _writer.Close(false, payloadHash);
        if (_stream.FirstDifference < 0)
        {
            return fault ?? (_stream.HasMore ? "bytes follow the end record" : null);
        }

        bool whole = _stream.ExpectedRecord.Length == LogRecords.Size && LogRecords.IsWhole(_stream.ExpectedRecord);
        return whole ? Describe() : fault ?? Describe();
    }

    /// <summary>Whether everything before the log's end record is equal: the replay goes on there, or ends without its mark.</summary>
    public bool DiffersOnlyInTheEnd => _stream.FirstDifference >= _stream.HeadBytes && KindOf(_stream.ExpectedRecord) == LogRecordKind.End
        && KindOf(_stream.WrittenRecord) is LogRecordKind.Prediction or LogRecordKind.Instrument or LogRecordKind.Seal or LogRecordKind.End or LogRecordKind.Model or LogRecordKind.Members;

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static LogRecordKind KindOf(byte[] record) => record.Length == LogRecords.Size ? (LogRecordKind)record[0] : 0;

    private string Describe()
    {
        if (_stream.FirstDifference < _stream.HeadBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the head is not as the engine writes it, at byte {_stream.FirstDifference:N0}");
        }

        string before = string.Create(CultureInfo.InvariantCulture, $"prediction {EqualPredictions:N0}");
        return (KindOf(_stream.ExpectedRecord), KindOf(_stream.WrittenRecord)) switch
        {
            (LogRecordKind.Prediction, LogRecordKind.Prediction) => $"{before} {DescribePredictions()}",
            (LogRecordKind.Instrument, LogRecordKind.Instrument) =>
                $"before {before}: the symbol of an instrument is {LogRecords.Symbol(_stream.ExpectedRecord)} in the log, {LogRecords.Symbol(_stream.WrittenRecord)} in the replay",
            (LogRecordKind.End, LogRecordKind.End) when LogRecords.PayloadHash(_stream.ExpectedRecord) != LogRecords.PayloadHash(_stream.WrittenRecord) =>
                "the predictions are equal, but the captures do not hold exactly what the live run received (payload hash)",
            (LogRecordKind.Members, LogRecordKind.Members) => $"{before}: what the members of the ensemble said differs",
            (LogRecordKind.End, not LogRecordKind.End and not 0) => string.Create(
                CultureInfo.InvariantCulture, $"the log ends after {EqualPredictions:N0} predictions, the replay goes on"),
            (not LogRecordKind.End and not 0, LogRecordKind.End) => string.Create(
                CultureInfo.InvariantCulture, $"the replay ends after {EqualPredictions:N0} predictions, the log goes on"),
            (0, _) => string.Create(CultureInfo.InvariantCulture, $"the log ends at byte {_stream.FirstDifference:N0}, the replay goes on"),
            (LogRecordKind log, LogRecordKind replay) => $"at {before}: {Name(log)} in the log, {Name(replay)} in the replay",
        };
    }

    private static string Name(LogRecordKind kind) => kind switch
    {
        LogRecordKind.Prediction => "a prediction",
        LogRecordKind.Instrument => "a symbol",
        LogRecordKind.Seal => "a seal",
        LogRecordKind.End => "the end",
        LogRecordKind.Model => "a model that takes another's place",
        LogRecordKind.Members => "what members of an ensemble said",
        _ => "an unknown record",
    };

    private string DescribePredictions()
    {
        Prediction logged = MemoryMarshal.Read<Prediction>(_stream.ExpectedRecord);
        Prediction replayed = MemoryMarshal.Read<Prediction>(_stream.WrittenRecord);
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
        (string name, string a, string b) = Array.Find(fields, f => f.Log != f.Replay) is { Name: not null } found ? found : ("reserved bytes", "set", "clear");
        return string.Create(CultureInfo.InvariantCulture, $"({_instruments.Symbol(replayed.Instrument)}, time {logged.ExchangeTime}): {name} {a} in the log, {b} in the replay");
    }

    private static (string Name, string Log, string Replay) Field(string name, IFormattable logged, IFormattable replayed) =>
        (name, logged.ToString(null, CultureInfo.InvariantCulture), replayed.ToString(null, CultureInfo.InvariantCulture));
}
