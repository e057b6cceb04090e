using Engine.Core.Hdf5;

namespace Engine.Recording.Hdf5;

/// <summary>
/// Reads a file of feature rows, also one that is being written or whose writer was stopped: then as many rows as all columns
/// have. One thread; reading rows puts nothing on the collected heap.
/// </summary>
public sealed class FeatureFileReader : IDisposable
{
    /// <summary>Most symbols or names of features.</summary>
    public const int MaxTexts = 1 << 20;

    private readonly Hdf5File _file;
    private readonly List<Hdf5Dataset> _columns = [];
    private readonly Hdf5Dataset _features;
    private readonly Hdf5Dataset _times;
    private readonly Hdf5Dataset _receiveTimes;
    private readonly Hdf5Dataset _instruments;
    private readonly Hdf5Dataset _events;
    private readonly Hdf5Dataset _sequences;
    private readonly Hdf5Dataset _trusts;
    private readonly Hdf5Dataset _flags;

    private FeatureFileReader(Hdf5File file)
    {
        _file = file;
        Head = FeatureFileHead.Read(file, Texts(FeatureFileFormat.FeatureNames, FeatureFileFormat.Features));
        _features = Column<float>(FeatureFileFormat.Features, Head.Contract.Count);
        _times = Column<long>(FeatureFileFormat.Time);
        _receiveTimes = Column<long>(FeatureFileFormat.ReceiveTime);
        _instruments = Column<int>(FeatureFileFormat.Instrument);
        _events = Column<long>(FeatureFileFormat.Event);
        _sequences = Column<ulong>(FeatureFileFormat.Sequence);
        _trusts = Column<byte>(FeatureFileFormat.Trust);
        _flags = Column<byte>(FeatureFileFormat.Flags);
        Rows = _columns.Min(c => c.Rows);
        Rows -= UnwrittenTail();
        CutRows = _columns.Max(c => c.Rows) - Rows;

        // After the rows: what they name was there before they were.
        Symbols = Texts(FeatureFileFormat.Symbols, FeatureFileFormat.SymbolIds);
        SymbolIds = new int[Symbols.Count];
        using Hdf5Dataset ids = Hdf5Dataset.Open(file, FeatureFileFormat.SymbolIds);
        Check<int>(ids, 1);
        ids.Read<int>(0, SymbolIds.Length, SymbolIds);
        ReadEnd();
    }

    /// <summary>What the rows were made from.</summary>
    public FeatureFileHead Head { get; }

    /// <summary>Rows that are whole.</summary>
    public long Rows { get; }

    /// <summary>Rows that some columns have beyond those: what the writer was at when it was stopped.</summary>
    public long CutRows { get; }

    /// <summary>Symbols, in the order of their first rows.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>The instruments' numbers in the run that made the rows.</summary>
    public int[] SymbolIds { get; }

    /// <summary>The writer closed the file in order.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The run was ended before its captures were; known with <see cref="IsComplete"/>.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>Events that the run saw; known with <see cref="IsComplete"/>.</summary>
    public long Events { get; private set; }

    /// <summary>The file, as the user named it.</summary>
    public string Path => _file.Path;

    /// <summary>Why the rows may not be all; null when the writer closed the file in order.</summary>
    public string? Fault => IsComplete ? null : FormattableString.Invariant(
        $"{Path}: its writer was stopped, or still writes: {Rows:N0} rows are whole{(CutRows > 0 ? FormattableString.Invariant($", {CutRows:N0} beyond them are in parts and cut off") : "")}");

    /// <summary>Opens a file.</summary>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="Hdf5Exception">It holds no feature rows, or is damaged.</exception>
    public static FeatureFileReader Open(string path)
    {
        Hdf5File file = Hdf5File.OpenRead(path);
        try
        {
            if (FeatureFileFormat.Of(file) is not FeatureFileFormat.Name and var format)
            {
                throw new Hdf5Exception($"{path}: it holds no feature rows: its attribute format is {(format is null ? "not there" : $"'{format}'")}, not '{FeatureFileFormat.Name}'");
            }

            return new FeatureFileReader(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the rows from one on, as many as a block holds or there are.</summary>
    /// <param name="start">First row.</param>
    /// <param name="block">Receives them.</param>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="Hdf5Exception">The file is damaged there, or a row names no symbol of the file.</exception>
    public int Read(long start, FeatureRowBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        int count = block.Count = (int)Math.Min(block.Capacity, Rows - start);
        _features.Read(start, count, block.Features);
        _times.Read(start, count, block.Times);
        _receiveTimes.Read(start, count, block.ReceiveTimes);
        _instruments.Read(start, count, block.Instruments);
        _events.Read(start, count, block.Events);
        _sequences.Read(start, count, block.Sequences);
        _trusts.Read(start, count, block.Trusts);
        _flags.Read(start, count, block.Flags);
        foreach (int instrument in block.Instruments)
        {
            if ((uint)instrument >= (uint)Symbols.Count)
            {
                throw new Hdf5Exception(FormattableString.Invariant($"{Path}: a row from {start:N0} on names instrument {instrument}, and there are {Symbols.Count} symbols"));
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _columns.ForEach(c => c.Dispose());
        _file.Dispose();
    }

    private Hdf5Dataset Column<T>(string name, int width = 1)
        where T : unmanaged
    {
        Hdf5Dataset dataset = Hdf5Dataset.Open(_file, name);
        _columns.Add(dataset);
        Check<T>(dataset, width);
        return dataset;
    }

    private void Check<T>(Hdf5Dataset dataset, int width)
        where T : unmanaged
    {
        if (!dataset.Holds<T>() || dataset.Shape.Count != (width == 1 && dataset.Name != FeatureFileFormat.Features ? 1 : 2) || dataset.ItemsPerRow(width) != width)
        {
            throw new Hdf5Exception(FormattableString.Invariant($"{Path}: dataset {dataset.Name} is {dataset.Type} [{string.Join(" x ", dataset.Shape)}], which is not what {FeatureFileFormat.Name} has there"));
        }
    }

    private string[] Texts(string name, string itsLengthIn)
    {
        using Hdf5Dataset other = Hdf5Dataset.Open(_file, itsLengthIn);
        using Hdf5Dataset dataset = Hdf5Dataset.Open(_file, name);
        bool isFeatures = itsLengthIn == FeatureFileFormat.Features;
        long count = isFeatures ? other.Shape.Count == 2 ? other.Shape[1] : -1 : Math.Min(other.Rows, dataset.Rows);
        if (dataset.Shape.Count != 1 || count < 0 || count > MaxTexts || dataset.Rows < count || (isFeatures && dataset.Rows != count))
        {
            throw new Hdf5Exception(FormattableString.Invariant($"{Path}: dataset {name} has {dataset.Rows} texts, and {itsLengthIn} says {count}"));
        }

        return dataset.ReadTexts(count);
    }

    /// <summary>Rows at the end that were made room for and whose times were not written.</summary>
    private long UnwrittenTail()
    {
        long[] times = new long[Math.Min(Rows, FeatureFileFormat.RowsPerChunk(Head.Contract.Count))];
        _times.Read<long>(Rows - times.Length, times.Length, times);
        return times.Length - 1 - Array.FindLastIndex(times, t => t != FeatureFileFormat.Unwritten);
    }

    private void ReadEnd()
    {
        using Hdf5Dataset dataset = Hdf5Dataset.Open(_file, FeatureFileFormat.End);
        Check<long>(dataset, 1);
        if (dataset.Rows == 0)
        {
            return;
        }

        long[] end = new long[FeatureFileFormat.EndEntries];
        if (dataset.Rows == end.Length)
        {
            dataset.Read<long>(0, end.Length, end);
        }

        if (dataset.Rows != end.Length || end[0] != Rows)
        {
            throw new Hdf5Exception(FormattableString.Invariant($"{Path}: it ends with {end[0]:N0} rows by its own account, and holds {Rows:N0}"));
        }

        (Events, IsInterrupted, IsComplete) = (end[1], end[2] != 0, true);
    }
}
