using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Signals;

namespace Engine.Recording;

/// <summary>
/// Writes a prediction log and keeps the digest of its predictions. A record is whole in the file or is not counted: each has its
/// own check, so what a killed process wrote can be read up to the last whole record. Runs on the recording thread.
/// </summary>
/// <remarks>
/// <code>
///  "ENGPLOG1" | head bytes u32 | crc-32c of the head u32 | head, JSON, padded with blanks to a multiple of 64 − 16 | records of 64 …
/// </code>
/// </remarks>
public sealed class PredictionLogWriter : IPredictionRecorder, IDisposable
{
    /// <summary>First eight bytes of a log.</summary>
    public static ReadOnlySpan<byte> Magic => "ENGPLOG1"u8;

    /// <summary>Most models of a run: a prediction's record has a byte for it.</summary>
    public const int MaxModels = 256;

    private const int BufferedRecords = 1024;

    private readonly Stream? _file;
    private readonly InstrumentTable _instruments;
    private readonly bool[] _named;
    private readonly ModelTally[] _tallies = [.. Enumerable.Range(0, MaxModels).Select(_ => new ModelTally())];
    private readonly byte[] _buffer = new byte[BufferedRecords * LogRecords.Size];
    private int _buffered;
    private int _inBlock;
    private long _block;
    private ulong _chain;
    private bool _closed;

    /// <param name="file">Where to write; null keeps only the digest. The writer owns it.</param>
    /// <param name="head">What the predictions are made from; written at once.</param>
    /// <param name="instruments">Where symbols come from.</param>
    public PredictionLogWriter(Stream? file, LogHead? head, InstrumentTable instruments)
    {
        _file = file;
        _instruments = instruments;
        _named = new bool[instruments.Limit];
        if (file is not null)
        {
            ArgumentNullException.ThrowIfNull(head);
            byte[] start = Head(head);
            file.Write(start);
            file.Flush();
        }
    }

    /// <summary>Predictions so far.</summary>
    public long Predictions { get; private set; }

    /// <summary>Hash over every prediction record so far; 0 before the first.</summary>
    public ulong Digest { get; private set; }

    /// <inheritdoc/>
    public ModelTally Tally(int model) => _tallies[model];

    /// <summary>Appends one prediction, or what its kind says; its check is computed here.</summary>
    public void Append(ref Prediction prediction)
    {
        if (prediction.Kind is ModelRecord.Kind or MemberRecord.Kind)
        {
            AppendOther(ref prediction);
            return;
        }

        prediction.Kind = (byte)LogRecordKind.Prediction;
        Span<byte> record = MemoryMarshal.AsBytes(new Span<Prediction>(ref prediction));
        LogRecords.Close(record);
        Digest = LogRecords.Chain(Digest, record);
        Predictions++;
        _tallies[prediction.Model].Add(prediction);
        if (_file is not null)
        {
            if (!_named[prediction.Instrument])
            {
                Name(prediction.Instrument);
            }

            Write(record);
        }
    }

    /// <summary>Hands what is buffered to the operating system: from here on it survives the death of this process.</summary>
    public void Flush()
    {
        if (_buffered > 0)
        {
            // Counted as gone even if it fails: written once more after a partial write, records would stand twice.
            int count = _buffered;
            _buffered = 0;
            try
            {
                _file?.Write(_buffer, 0, count);
                _file?.Flush();
            }
            catch (ArgumentOutOfRangeException e)
            {
                // What the class library makes of EFBIG.
                throw new IOException($"{(_file as FileStream)?.Name}: the file may not grow further (ulimit -f)", e);
            }
        }
    }

    /// <summary>Writes the end record and closes the file.</summary>
    /// <param name="interrupted">The run was ended before its captures were.</param>
    /// <param name="payloadHash">Of a live log: the hash of what was received.</param>
    public void Close(bool interrupted = false, ulong payloadHash = 0)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        if (_file is not null)
        {
            Span<byte> record = stackalloc byte[LogRecords.Size];
            LogRecords.WriteSeal(record, LogRecordKind.End, _inBlock, _block, _chain, Predictions, interrupted, payloadHash);
            Put(record);
            Flush();
            _file.Dispose();
        }
    }

    /// <summary>Closes the file; without <see cref="Close"/> before it the log has no end record and shows as cut.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            Flush();
            _file?.Dispose();
            _closed = true;
        }
    }

    /// <summary>The bytes before the first record.</summary>
    internal static byte[] Head(LogHead head)
    {
        byte[] json = head.ToJson();
        int length = ((16 + json.Length + LogRecords.Size - 1) / LogRecords.Size * LogRecords.Size) - 16;
        byte[] bytes = new byte[16 + length];
        Magic.CopyTo(bytes);
        bytes.AsSpan(16).Fill((byte)' ');
        json.CopyTo(bytes, 16);
        MemoryMarshal.Write(bytes.AsSpan(8), in length);
        uint crc = HeadCrc(bytes.AsSpan(16));
        MemoryMarshal.Write(bytes.AsSpan(12), in crc);
        return bytes;
    }

    /// <summary>CRC-32C of the head's JSON with its padding.</summary>
    internal static uint HeadCrc(ReadOnlySpan<byte> head)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in head)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    private void AppendOther(ref Prediction item)
    {
        Span<byte> record = MemoryMarshal.AsBytes(new Span<Prediction>(ref item));
        LogRecords.Close(record);
        if (_file is not null)
        {
            Write(record);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Name(int instrument)
    {
        _named[instrument] = true;
        Span<byte> record = stackalloc byte[LogRecords.Size];
        LogRecords.WriteInstrument(record, instrument, _instruments.Symbol(instrument) ?? "");
        Write(record);
    }

    private void Write(ReadOnlySpan<byte> record)
    {
        Put(record);
        if (++_inBlock == LogRecords.RecordsPerBlock)
        {
            Span<byte> seal = stackalloc byte[LogRecords.Size];
            LogRecords.WriteSeal(seal, LogRecordKind.Seal, _inBlock, _block, _chain, Predictions);
            Put(seal);
            _inBlock = 0;
            _block++;
        }
    }

    private void Put(ReadOnlySpan<byte> record)
    {
        _chain = LogRecords.Chain(_chain, record);
        record.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += LogRecords.Size;
        if (_buffered == _buffer.Length)
        {
            Flush();
        }
    }
}
