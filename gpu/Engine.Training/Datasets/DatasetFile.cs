using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Engine.Core.Hdf5;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Training.Datasets;

/// <summary>Reads a day of a data set, a chunk at a time. One thread.</summary>
public sealed class DatasetFile : IDisposable
{
    private readonly Hdf5File _file;
    private readonly Hdf5Dataset _bids;
    private readonly Hdf5Dataset _asks;
    private readonly Hdf5Dataset _positions;

    private DatasetFile(FeatureFileReader rows, Hdf5File file)
    {
        Rows = rows;
        _file = file;
        _bids = Open<long>(DatasetFormat.Bid, rows.Rows);
        _asks = Open<long>(DatasetFormat.Ask, rows.Rows);
        _positions = Open<long>(DatasetFormat.Quote, rows.Rows);
        RowsHash = Convert.ToHexStringLower(ReadAll<byte>(DatasetFormat.RowsHash, DatasetFormat.HashBytes));
        QuotesHash = Convert.ToHexStringLower(ReadAll<byte>(DatasetFormat.QuotesHash, DatasetFormat.HashBytes));
        long[] end = ReadAll<long>(DatasetFormat.QuoteEnd, DatasetFormat.EndEntries);
        (Quotes, EndTime) = (end[0], end[1]);
        using Hdf5Dataset ends = Hdf5Dataset.Open(file, DatasetFormat.QuoteEnds);
        InstrumentEnds = ReadAll<long>(DatasetFormat.QuoteEnds, checked((int)ends.Rows));
    }

    /// <summary>The feature rows.</summary>
    public FeatureFileReader Rows { get; }

    /// <summary>Entries of the tape.</summary>
    public long Quotes { get; }

    /// <summary>The latest exchange time that the run saw, ns.</summary>
    public long EndTime { get; }

    /// <summary>By number of the instrument in the run, the latest exchange time of the streams that told of it, ns.</summary>
    public IReadOnlyList<long> InstrumentEnds { get; }

    /// <summary>Hash over all rows as it was written, lower-case hex.</summary>
    public string RowsHash { get; }

    /// <summary>Hash over the tape as it was written, lower-case hex.</summary>
    public string QuotesHash { get; }

    /// <summary>The file, as the user named it.</summary>
    public string Path => Rows.Path;

    /// <summary>Opens a file.</summary>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="Hdf5Exception">It is no whole day of a data set, or is damaged.</exception>
    public static DatasetFile Open(string path)
    {
        FeatureFileReader rows = FeatureFileReader.Open(path);
        Hdf5File? file = null;
        try
        {
            file = Hdf5File.OpenRead(path);
            return rows.IsComplete ? new DatasetFile(rows, file) : throw new Hdf5Exception(rows.Fault ?? path);
        }
        catch
        {
            file?.Dispose();
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Reads the own quotes of rows and their places on the tape.</summary>
    /// <param name="start">First row.</param>
    /// <param name="bids">Receives best bids; as many as rows are wanted.</param>
    /// <param name="asks">Receives best asks.</param>
    /// <param name="positions">Receives how many entries the tape had before each row.</param>
    /// <exception cref="Hdf5Exception">The file is damaged there.</exception>
    public void ReadQuotesOfRows(long start, Span<long> bids, Span<long> asks, Span<long> positions)
    {
        _bids.Read(start, bids.Length, bids);
        _asks.Read(start, asks.Length, asks);
        _positions.Read(start, positions.Length, positions);
    }

    /// <summary>Reads a column of the rows that has one number a row, without the others.</summary>
    /// <param name="name">Which, e.g. <see cref="FeatureFileFormat.Time"/>.</param>
    /// <param name="start">First row.</param>
    /// <param name="values">Receives them.</param>
    /// <exception cref="Hdf5Exception">The file is damaged there.</exception>
    public void ReadColumn<T>(string name, long start, Span<T> values)
        where T : unmanaged
    {
        using Hdf5Dataset dataset = Open<T>(name, Rows.Rows);
        dataset.Read(start, values.Length, values);
    }

    /// <summary>Reads a column of the tape.</summary>
    /// <param name="name">Which.</param>
    /// <param name="start">First entry.</param>
    /// <param name="values">Receives them.</param>
    /// <exception cref="Hdf5Exception">The file is damaged there.</exception>
    public void ReadTape<T>(string name, long start, Span<T> values)
        where T : unmanaged
    {
        using Hdf5Dataset dataset = Open<T>(name, Quotes);
        dataset.Read(start, values.Length, values);
    }

    /// <summary>Whether there is a label of a name.</summary>
    public bool HasLabel(string name) => _file.Has(DatasetFormat.Labels) && _file.Has(LabelPath(name));

    /// <summary>The definition of a label: the text of its attribute; null where there is no such label.</summary>
    /// <exception cref="Hdf5Exception">It has none.</exception>
    public string? LabelDefinition(string name) => !HasLabel(name) ? null
        : Hdf5Attributes.Of(_file, LabelPath(name)).FirstOrDefault(a => a.Name == DatasetFormat.Definition) is { Values: [string text] } ? text
        : throw new Hdf5Exception($"{Path}: label {name} has no definition");

    /// <summary>Names of the labels.</summary>
    public IReadOnlyList<string> LabelNames() => !_file.Has(DatasetFormat.Labels) ? []
        : [.. Hdf5Tree.Of(_file).Nodes.Select(o => o.Path).Where(p => p.StartsWith(DatasetFormat.Labels + "/", StringComparison.Ordinal) && HasEnds(p))
            .Select(p => p[(DatasetFormat.Labels.Length + 1)..]).Order(StringComparer.Ordinal)];

    /// <summary>Reads a label.</summary>
    /// <param name="name">Which.</param>
    /// <param name="start">First row.</param>
    /// <param name="values">Receives values.</param>
    /// <param name="ends">Receives the ends of their spans, ns.</param>
    /// <exception cref="Hdf5Exception">There is none of that name, or the file is damaged.</exception>
    public void ReadLabel(string name, long start, Span<float> values, Span<long> ends)
    {
        using Hdf5Dataset labels = Open<float>(LabelPath(name), Rows.Rows);
        using Hdf5Dataset spans = Open<long>(LabelPath(name) + DatasetFormat.EndSuffix, Rows.Rows);
        labels.Read(start, values.Length, values);
        spans.Read(start, ends.Length, ends);
    }

    /// <summary>The hash over all rows as they are: reads them all.</summary>
    /// <exception cref="Hdf5Exception">The file is damaged.</exception>
    public string ComputeRowsHash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var block = new FeatureRowBlock(Rows.Head.Contract.Count);
        long[] quotes = new long[3 * block.Capacity];
        var hashed = new HashedRow[block.Capacity];
        for (long start = 0; Rows.Read(start, block) is > 0 and var count; start += count)
        {
            Span<long> bids = quotes.AsSpan(0, count);
            Span<long> asks = quotes.AsSpan(block.Capacity, count);
            Span<long> places = quotes.AsSpan(2 * block.Capacity, count);
            ReadQuotesOfRows(start, bids, asks, places);
            for (int i = 0; i < count; i++)
            {
                hashed[i] = new HashedRow(block.Times[i], RowDigest.Of(block.Row(i)), bids[i], asks[i], places[i], block.Instruments[i], block.Trusts[i]);
            }

            hash.AppendData(MemoryMarshal.AsBytes(hashed.AsSpan(0, count)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The hash over the tape as it is: reads it all.</summary>
    /// <exception cref="Hdf5Exception">The file is damaged.</exception>
    public string ComputeQuotesHash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int Block = DatasetFormat.QuotesPerChunk;
        var (times, instruments, bids, asks, trusts) = (new long[Block], new int[Block], new long[Block], new long[Block], new byte[Block]);
        var hashed = new HashedQuote[Block];
        for (long start = 0; start < Quotes; start += Block)
        {
            int count = (int)Math.Min(Block, Quotes - start);
            ReadTape(DatasetFormat.QuoteTime, start, times.AsSpan(0, count));
            ReadTape(DatasetFormat.QuoteInstrument, start, instruments.AsSpan(0, count));
            ReadTape(DatasetFormat.QuoteBid, start, bids.AsSpan(0, count));
            ReadTape(DatasetFormat.QuoteAsk, start, asks.AsSpan(0, count));
            ReadTape(DatasetFormat.QuoteTrust, start, trusts.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                hashed[i] = new HashedQuote(times[i], bids[i], asks[i], instruments[i], trusts[i]);
            }

            hash.AppendData(MemoryMarshal.AsBytes(hashed.AsSpan(0, count)));
        }

        hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<long>)[Quotes, EndTime, .. InstrumentEnds]));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bids.Dispose();
        _asks.Dispose();
        _positions.Dispose();
        _file.Dispose();
        Rows.Dispose();
    }

    /// <summary>Where a label lies.</summary>
    internal static string LabelPath(string name) => $"{DatasetFormat.Labels}/{name}";

    private bool HasEnds(string path) => _file.Has(path + DatasetFormat.EndSuffix);

    private Hdf5Dataset Open<T>(string name, long rows)
        where T : unmanaged
    {
        Hdf5Dataset dataset = Hdf5Dataset.Open(_file, name);
        if (dataset.Holds<T>() && dataset.Shape.Count == 1 && dataset.Rows == rows)
        {
            return dataset;
        }

        dataset.Dispose();
        throw new Hdf5Exception(FormattableString.Invariant($"{Path}: dataset {name} is {dataset.Type} [{string.Join(" x ", dataset.Shape)}] where {rows:N0} are expected; build the day again"));
    }

    private T[] ReadAll<T>(string name, int count)
        where T : unmanaged
    {
        using Hdf5Dataset dataset = Open<T>(name, count);
        var values = new T[count];
        dataset.Read<T>(0, count, values);
        return values;
    }
}
