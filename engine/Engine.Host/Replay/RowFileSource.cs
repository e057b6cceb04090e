using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Network.Recovery;
using Engine.Recording.Hdf5;

namespace Engine.Host.Replay;

/// <summary>
/// A file of feature rows in the place of captures: it has the instruments and the identity that a run needs, and no events.
/// Its rows go to the models by themselves, block by block.
/// </summary>
internal sealed class RowFileSource : MarketDataSource
{
    private readonly FeatureFileReader _file;
    private readonly FeatureRowBlock _block;
    private readonly int[] _instruments;
    private readonly bool[] _watched;
    private long _next;

    private RowFileSource(FeatureFileReader file, FeedOptions options)
        : base(options, new FeedStatistics())
    {
        _file = file;
        _block = new FeatureRowBlock(file.Head.Contract.Count);
        _instruments = file.SymbolIds;
        _watched = new bool[_instruments.Length];
        Captures = [new CaptureIdentity(file.Path)];
        Format = "HDF5 / feature rows";
        Gaps = GapPolicy.TryParse(file.Head.Configuration.Gaps, out GapPolicy gaps)
            ? gaps
            : throw new HostException(ExitCodes.Data, $"{file.Path}: what its run did about missing messages cannot be read: '{file.Head.Configuration.Gaps}'");
        Name(options);
    }

    /// <summary>What the rows were made from.</summary>
    public FeatureFileHead Head => _file.Head;

    /// <summary>Rows in the file that are whole.</summary>
    public long FileRows => _file.Rows;

    /// <summary>Rows of the file that are in parts and cut off.</summary>
    public long CutRows => _file.CutRows;

    /// <summary>Rows handed on.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows of instruments that the run does not watch.</summary>
    public long PassedOver { get; private set; }

    /// <summary>The writer did not close the file in order.</summary>
    public override SourceFault? Fault => _file.Fault is { } fault ? new SourceFault(_file.Path, -1, fault) : null;

    /// <summary>Whether a path names an HDF5 file.</summary>
    public static bool IsOne(string path)
    {
        // What has no length is no plain file: opening a pipe only to look at it would end its writer.
        if (path == "-" || !File.Exists(path) || new FileInfo(path).Length == 0)
        {
            return false;
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        return file.CanSeek && Hdf5File.IsOne(file);
    }

    /// <summary>Opens a file of rows for models.</summary>
    /// <param name="path">The file.</param>
    /// <param name="contract">The models' contract, which must be that of the rows.</param>
    /// <param name="options">Supplies the instrument table.</param>
    /// <exception cref="HostException">The rows are of another contract.</exception>
    /// <exception cref="Hdf5Exception">It holds no rows, or is damaged.</exception>
    public static RowFileSource Open(string path, FeatureContract contract, FeedOptions options)
    {
        FeatureFileReader file = FeatureFileReader.Open(path);
        try
        {
            return file.Head.Contract.FirstDifference(contract) is { } difference
                ? throw new HostException(ExitCodes.Usage, $"{path}: its rows are of another contract than the models' ({difference}); write them again with this build: engine features CAPTURE -o {Path.GetFileName(path)}")
                : new RowFileSource(file, options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next rows, which take the place of those before. Nothing is allocated.</summary>
    /// <returns>They; null at the end.</returns>
    /// <exception cref="Hdf5Exception">The file is damaged there.</exception>
    public FeatureRowBlock? NextBlock()
    {
        int count = _file.Read(_next, _block);
        _next += count;
        return count > 0 ? _block : null;
    }

    /// <summary>The instrument of a row of the last block by its number in the run that made it; −1 if this run does not watch it.</summary>
    public int InstrumentOf(int row)
    {
        int place = _block.Instruments[row];
        if (!_watched[place])
        {
            PassedOver++;
            return -1;
        }

        Rows++;
        return _instruments[place];
    }

    /// <inheritdoc/>
    public override int Read(Span<MarketEvent> events) => -1;

    /// <inheritdoc/>
    public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message)
    {
        message = default;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _block.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Gives the instruments the numbers that they had; those between had no row, and have no name.</summary>
    private void Name(FeedOptions options)
    {
        InstrumentTable table = options.Instruments;
        for (int i = 0; i < _instruments.Length; i++)
        {
            int id = _instruments[i];
            while (id >= table.Count && id >= 0 && table.Add() >= 0)
            {
            }

            if ((uint)id >= (uint)table.Count || table.Symbol(id) is not null)
            {
                throw new Hdf5Exception(FormattableString.Invariant($"{_file.Path}: symbol {i} has the number {id}, which another one has, or which is none of {table.Limit:N0}"));
            }

            table.Name(id, _file.Symbols[i]);
            _watched[i] = table.IsWatched(id);
        }
    }
}
