using System.Runtime.InteropServices;
using System.Text;
using Engine.Core.Hdf5;
using Engine.Core.Memory;
using Engine.Signals;

namespace Engine.Recording.Hdf5;

/// <summary>
/// A prediction log as HDF5, for other programs: a dataset a field, all of one length, and the log's head as an attribute. The
/// log stays the record; nothing reads this back.
/// </summary>
/// <remarks>
/// <code>
///  /time /receive_time /event  int64      /sequence /row_digest  uint64     /prediction  float32
///  /instrument  int32, index into /symbols      /missing  uint16      /model /trust /flags  uint8
///  /symbols  text[256], in the order of their first predictions
///  /member_0 …  float32, what an ensemble's members said, NaN elsewhere; only where the log has an ensemble
///  attributes of /: format, format_version, engine_version, log_head, log_complete, swaps, contract_hash, configuration
/// </code>
/// </remarks>
public sealed class PredictionFileWriter : IDisposable
{
    /// <summary>What the attribute `format` says.</summary>
    public const string Name = "engine-predictions";

    private const int RowsPerChunk = 1 << 13;
    private const int SymbolsPerChunk = 64;

    private readonly Hdf5File _file;
    private readonly List<Field> _fields = [];
    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);
    private readonly NativeBuffer<Prediction> _block = new(RowsPerChunk);
    private readonly int[] _instruments = new int[RowsPerChunk];
    private readonly float[][] _members;
    private int _count;

    /// <summary>Creates the file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="overwrite">Replace a file that is there.</param>
    /// <param name="head">The log's head.</param>
    /// <param name="engineVersion">The engine that writes it.</param>
    /// <param name="deflate">Level of compression, 0 to 9.</param>
    /// <param name="members">Most members of an ensemble of the log.</param>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public PredictionFileWriter(string path, bool overwrite, LogHead head, string engineVersion, int deflate, int members = 0)
    {
        ArgumentNullException.ThrowIfNull(head);
        _members = [.. Enumerable.Range(0, members).Select(_ => new float[RowsPerChunk])];
        _file = Hdf5File.Create(path, overwrite);
        try
        {
            Hdf5Attributes.Write(_file, FeatureFileFormat.Format, Name);
            Hdf5Attributes.Write(_file, FeatureFileFormat.FormatVersion, FeatureFileFormat.Version);
            Hdf5Attributes.Write(_file, FeatureFileFormat.EngineVersion, engineVersion);
            Hdf5Attributes.Write(_file, "log_head", Encoding.UTF8.GetString(head.ToJson()));
            Hdf5Attributes.Write(_file, FeatureFileFormat.ContractHash, head.ContractHash);
            Hdf5Attributes.Write(_file, FeatureFileFormat.Configuration, head.Configuration.CanonicalJson);
            var chunking = new Hdf5Chunking(RowsPerChunk, deflate);
            Add(chunking, FeatureFileFormat.Time, (in Prediction p, int _) => p.ExchangeTime);
            Add(chunking, FeatureFileFormat.ReceiveTime, (in Prediction p, int _) => p.ReceiveTime);
            Add(chunking, FeatureFileFormat.Instrument, (in Prediction _, int symbol) => symbol);
            Add(chunking, "/model", (in Prediction p, int _) => p.Model);
            Add(chunking, "/prediction", (in Prediction p, int _) => p.Value);
            Add(chunking, FeatureFileFormat.Trust, (in Prediction p, int _) => p.Trust);
            Add(chunking, "/missing", (in Prediction p, int _) => p.Missing);
            Add(chunking, FeatureFileFormat.Sequence, (in Prediction p, int _) => p.Sequence);
            Add(chunking, FeatureFileFormat.Event, (in Prediction p, int _) => p.Event);
            Add(chunking, FeatureFileFormat.Flags, (in Prediction p, int _) => p.Flags);
            Add(chunking, "/row_digest", (in Prediction p, int _) => p.RowDigest);
            for (int i = 0; i < members; i++)
            {
                float[] values = _members[i];
                Hdf5Column column = Hdf5Column.Create<float>(_file, FormattableString.Invariant($"/member_{i}"), chunking);
                _fields.Add(new Field(column, () => column.Append(MemoryMarshal.AsBytes(values.AsSpan(0, _count)), _count)));
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    private delegate T Value<T>(in Prediction prediction, int symbol);

    /// <summary>Predictions taken.</summary>
    public long Rows { get; private set; }

    /// <summary>Takes one prediction, and what the members said that it was made of.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(in Prediction prediction, string symbol, ReadOnlySpan<float> members = default)
    {
        for (int i = 0; i < _members.Length; i++)
        {
            _members[i][_count] = i < members.Length ? members[i] : float.NaN;
        }

        if (!_symbols.TryGetValue(symbol, out int index))
        {
            index = _symbols.Count;
            _symbols.Add(symbol, index);
        }

        _block[_count] = prediction;
        _instruments[_count] = index;
        Rows++;
        if (++_count == RowsPerChunk)
        {
            WriteBlock();
        }
    }

    /// <summary>Writes what is left and closes the file.</summary>
    /// <param name="isComplete">The log was closed in order and nothing is wrong with it.</param>
    /// <param name="swaps">Models that took the place of others; null for none.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Close(bool isComplete, IReadOnlyList<ModelRecord>? swaps = null)
    {
        WriteBlock();
        byte[] symbols = new byte[_symbols.Count * FeatureFileFormat.SymbolBytes];
        foreach ((string symbol, int index) in _symbols)
        {
            // A log's symbols have at most 48 bytes.
            Encoding.UTF8.GetBytes(symbol, symbols.AsSpan(index * FeatureFileFormat.SymbolBytes, FeatureFileFormat.SymbolBytes));
        }

        using (Hdf5Column column = Hdf5Column.CreateTexts(_file, FeatureFileFormat.Symbols, new Hdf5Chunking(SymbolsPerChunk, 0), FeatureFileFormat.SymbolBytes))
        {
            column.Append(symbols, _symbols.Count);
        }

        Hdf5Attributes.Write(_file, "log_complete", isComplete ? 1 : 0);
        Hdf5Attributes.Write(_file, "swaps", SwapJson.Text(swaps ?? []));
        _file.Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _fields.ForEach(f => f.Column.Dispose());
        _block.Dispose();
    }

    private void Add<T>(Hdf5Chunking chunking, string name, Value<T> value)
        where T : unmanaged
    {
        var values = new T[RowsPerChunk];
        Hdf5Column column = Hdf5Column.Create<T>(_file, name, chunking);
        _fields.Add(new Field(column, () =>
        {
            for (int i = 0; i < _count; i++)
            {
                values[i] = value(in _block[i], _instruments[i]);
            }

            column.Append(MemoryMarshal.AsBytes(values.AsSpan(0, _count)), _count);
        }));
    }

    private void WriteBlock()
    {
        _fields.ForEach(f => f.Write());
        _count = 0;
    }

    private sealed record Field(Hdf5Column Column, Action Write);
}
