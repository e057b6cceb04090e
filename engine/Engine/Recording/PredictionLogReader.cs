using System.Runtime.InteropServices;
using Engine.Signals;

namespace Engine.Recording;

/// <summary>Reads a prediction log from its start to its end, or to the first byte that cannot be believed.</summary>
public sealed class PredictionLogReader : IDisposable
{
    private const int MaxHeadBytes = 16 << 20;

    private readonly FileStream _file;
    private readonly byte[] _record = new byte[LogRecords.Size];
    private readonly Dictionary<int, string> _symbols = [];
    private readonly List<ModelRecord> _swaps = [];
    private readonly float[] _members = new float[byte.MaxValue + 1];
    private MemberRecord _lastMembers;
    private ulong _chain;
    private int _inBlock;
    private long _block;
    private long _position;

    private PredictionLogReader(FileStream file, LogHead head, long position)
    {
        _file = file;
        Head = head;
        _position = position;
    }

    /// <summary>What the predictions were made from.</summary>
    public LogHead Head { get; }

    /// <summary>Predictions read so far.</summary>
    public long Predictions { get; private set; }

    /// <summary>Digest of the predictions read so far, as <see cref="PredictionLogWriter.Digest"/>.</summary>
    public ulong Digest { get; private set; }

    /// <summary>The log was closed in order and nothing is wrong with it. Known after the last <see cref="TryRead"/>.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The log was closed in order, but its run was ended before the captures were: it is complete up to there. Known with
    /// <see cref="IsComplete"/>.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>The hash of a live feed's payloads; 0 for captures. Known with <see cref="IsComplete"/>.</summary>
    public ulong PayloadHash { get; private set; }

    /// <summary>Why reading stopped before an end record, with the byte; null when it did not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Models that took another's place, of what was read so far.</summary>
    public IReadOnlyList<ModelRecord> Swaps => _swaps;

    /// <summary>What the members of the ensemble said whose prediction was read last; empty where no ensemble made it.</summary>
    public ReadOnlySpan<float> Members => _members.AsSpan(0, _lastMembers.First + _lastMembers.Count);

    /// <summary>Opens a log.</summary>
    /// <exception cref="LogFormatException">It is no prediction log, or its head is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static PredictionLogReader Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
        try
        {
            Span<byte> start = stackalloc byte[16];
            int got = file.ReadAtLeast(start, 16, throwOnEndOfStream: false);
            if (got < 8 || !start[..8].SequenceEqual(PredictionLogWriter.Magic))
            {
                throw new LogFormatException($"{path} is not a prediction log: it does not begin with ENGPLOG1");
            }

            int length = got < 16 ? -1 : MemoryMarshal.Read<int>(start[8..]);
            if (length is < 0 or > MaxHeadBytes || length > file.Length - 16)
            {
                throw new LogFormatException($"{path}: the head is cut or damaged at byte 8 (length {length}, file {file.Length} bytes)");
            }

            byte[] json = new byte[length];
            file.ReadExactly(json);
            if (PredictionLogWriter.HeadCrc(json) != MemoryMarshal.Read<uint>(start[12..]))
            {
                throw new LogFormatException($"{path}: the head is damaged: its checksum (bytes 12 to 15) does not match bytes 16 to {16 + length - 1}");
            }

            LogHead head = LogHead.Parse(json, out string reason) ?? throw new LogFormatException($"{path}: {reason}");
            return new PredictionLogReader(file, head, 16 + length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The symbol of an instrument that a prediction named; empty when the log has none.</summary>
    public string Symbol(int instrument) => _symbols.GetValueOrDefault(instrument, "");

    /// <summary>The next prediction. False at the end of the log or at the first fault (<see cref="Fault"/>).</summary>
    public bool TryRead(out Prediction prediction)
    {
        prediction = default;
        _lastMembers = default;
        while (Fault is null && !IsComplete && TryReadRecord())
        {
            switch ((LogRecordKind)_record[0])
            {
                case LogRecordKind.Prediction:
                    prediction = MemoryMarshal.Read<Prediction>(_record);
                    if (_lastMembers.Count != 0 && (_lastMembers.Model, _lastMembers.Instrument) != (prediction.Model, prediction.Instrument))
                    {
                        Fault = $"byte {_position:N0}: the values of members before it are of another model or instrument";
                        return false;
                    }

                    Digest = LogRecords.Chain(Digest, _record);
                    Predictions++;
                    Advance();
                    _inBlock++;
                    return true;
                case LogRecordKind.Instrument:
                    _symbols[MemoryMarshal.Read<int>(_record.AsSpan(4))] = LogRecords.Symbol(_record);
                    Advance();
                    _inBlock++;
                    break;
                case LogRecordKind.Members:
                    TakeMembers(MemoryMarshal.Read<MemberRecord>(_record));
                    break;
                case LogRecordKind.Model:
                    _swaps.Add(MemoryMarshal.Read<ModelRecord>(_record));
                    Advance();
                    _inBlock++;
                    break;
                case LogRecordKind.Seal:
                    CheckSeal();
                    break;
                case LogRecordKind.End:
                    CheckSeal();
                    CheckNothingFollows();
                    break;
                default:
                    Fault = $"byte {_position:N0}: a record of unknown kind {_record[0]}";
                    break;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void TakeMembers(in MemberRecord record)
    {
        if (record.Count is 0 or > MemberRecord.MaxValues || record.First != _lastMembers.First + _lastMembers.Count)
        {
            Fault = $"byte {_position:N0}: values of members {record.First} to {record.First + record.Count - 1} stand where those from {_lastMembers.First + _lastMembers.Count} on are expected";
            return;
        }

        ((ReadOnlySpan<float>)record.Values)[..record.Count].CopyTo(_members.AsSpan(record.First));
        _lastMembers = record;
        Advance();
        _inBlock++;
    }

    private bool TryReadRecord()
    {
        int got = _file.ReadAtLeast(_record, LogRecords.Size, throwOnEndOfStream: false);
        if (got < LogRecords.Size)
        {
            Fault = got == 0
                ? $"the log ends at byte {_position:N0} without an end record: its writer was stopped"
                : $"the log is cut inside a record at byte {_position:N0}";
            return false;
        }

        if (!LogRecords.IsWhole(_record))
        {
            Fault = $"byte {_position:N0}: the record's checksum does not match its bytes";
            return false;
        }

        return true;
    }

    private void CheckSeal()
    {
        int records = MemoryMarshal.Read<int>(_record.AsSpan(4));
        long block = MemoryMarshal.Read<long>(_record.AsSpan(8));
        ulong chain = MemoryMarshal.Read<ulong>(_record.AsSpan(16));
        long predictions = MemoryMarshal.Read<long>(_record.AsSpan(24));
        if (records != _inBlock || block != _block || chain != _chain || predictions != Predictions)
        {
            Fault = $"byte {_position:N0}: the seal of block {block} does not match the records before it (removed, added or reordered)";
            return;
        }

        Advance();
        _inBlock = 0;
        _block++;
    }

    private void CheckNothingFollows()
    {
        if (Fault is not null)
        {
            return;
        }

        if (_file.ReadByte() >= 0)
        {
            Fault = $"byte {_position:N0}: bytes follow the end record";
            return;
        }

        IsComplete = true;
        IsInterrupted = LogRecords.IsInterrupted(_record);
        PayloadHash = LogRecords.PayloadHash(_record);
    }

    private void Advance()
    {
        _chain = LogRecords.Chain(_chain, _record);
        _position += LogRecords.Size;
    }
}
