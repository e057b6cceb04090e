using Engine.Core.Hdf5;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Recording.Hdf5;

namespace Engine.Training.Datasets;

/// <summary>What became of a day.</summary>
/// <param name="Day">The day.</param>
/// <param name="IsKept">A finished file was there.</param>
public readonly record struct BuiltDay(DatasetDay Day, bool IsKept);

/// <summary>
/// Builds a data set in a folder, a file a day. It can be stopped at any time and run again: a finished file whose captures, contract and
/// configuration are those asked for is kept, an unfinished one is built anew, anything else is refused unless it may be replaced.
/// </summary>
public sealed class DatasetBuilder
{
    private readonly string _folder;
    private readonly DatasetOptions _options;
    private readonly bool _overwrite;
    private readonly FeatureContract _contract;

    /// <param name="folder">Where; made if it is not there.</param>
    /// <param name="options">How captures become rows.</param>
    /// <param name="overwrite">Replace days, or a whole data set, made otherwise.</param>
    /// <exception cref="Features.Contracts.ContractException">The contract cannot be built.</exception>
    /// <exception cref="DatasetException">The folder holds another data set.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public DatasetBuilder(string folder, DatasetOptions options, bool overwrite)
    {
        _folder = folder;
        _options = options;
        _overwrite = overwrite;
        _contract = options.MakeContract();
        Directory.CreateDirectory(folder);
        Manifest = Begin();
    }

    /// <summary>The data set so far.</summary>
    public DatasetManifest Manifest { get; private set; }

    /// <summary>The id that a day's captures give it: the first one's name without folder and endings.</summary>
    /// <exception cref="DatasetException">Nothing is left, or standard input.</exception>
    public static string IdOf(IReadOnlyList<string> captures)
    {
        string name = Path.GetFileName(captures[0]);
        foreach (string ending in (string[])[".gz", ".pcapng", ".pcap", ".h5"])
        {
            name = name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? name[..^ending.Length] : name;
        }

        return name.Length > 0 && name is not ("-" or "." or "..") && name.IndexOfAny([',', '\0']) < 0
            ? name
            : throw new DatasetException($"'{captures[0]}' gives a day no name; name a capture file without commas");
    }

    /// <summary>Builds or keeps a day.</summary>
    /// <param name="captures">Its capture files, merged by receive time.</param>
    /// <param name="progress">Told now and then; null for nobody.</param>
    /// <exception cref="CaptureException">A capture cannot be read.</exception>
    /// <exception cref="DatasetException">The day is there, made otherwise; or a capture ends in damage.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public BuiltDay Add(IReadOnlyList<string> captures, Action<DatasetProgress>? progress = null)
    {
        string id = IdOf(captures);
        string path = Path.Combine(_folder, id + DatasetFormat.Ending);
        if (File.Exists(path) && !_overwrite && Kept(path, id, captures) is { } kept)
        {
            Manifest = Manifest.With(kept);
            Manifest.Write(_folder);
            return new BuiltDay(kept, IsKept: true);
        }

        DatasetDay day = DatasetDayBuilder.Build(_folder, id, captures, _options, progress);
        Manifest = Manifest.With(day);
        Manifest.Write(_folder);
        return new BuiltDay(day, IsKept: false);
    }

    private DatasetManifest Begin()
    {
        DatasetManifest empty = DatasetManifest.Empty(_options, _contract);
        if (!File.Exists(Path.Combine(_folder, DatasetManifest.FileName)))
        {
            return empty;
        }

        DatasetManifest there;
        try
        {
            there = DatasetManifest.Read(_folder);
        }
        catch (DatasetException) when (_overwrite)
        {
            return empty;
        }

        return there.ConfigurationHash == empty.ConfigurationHash ? there
            : _overwrite ? empty
            : throw new DatasetException($"{_folder}: holds a data set made otherwise ({there.Configuration}; asked for {empty.Configuration}); choose another folder, or pass -f to make it anew");
    }

    /// <summary>The day that a finished file holds, if it is the one asked for; null where its writer was stopped.</summary>
    private DatasetDay? Kept(string path, string id, IReadOnlyList<string> captures)
    {
        FeatureFileHead asked;
        using (MarketDataSource source = CaptureSource.Open(captures, _options.Feed()))
        {
            asked = DatasetDayBuilder.Head(source, _contract, _options);
        }

        try
        {
            using DatasetFile file = DatasetFile.Open(path);
            FeatureFileHead head = file.Rows.Head;
            string? difference = head.Contract.FirstDifference(asked.Contract)
                ?? (head.Configuration.Hash != asked.Configuration.Hash ? $"configuration {head.Configuration.CanonicalJson} there, {asked.Configuration.CanonicalJson} here" : null)
                ?? (!head.Captures.SequenceEqual(asked.Captures) ? $"other captures: {Names(head)} there, {Names(asked)} here" : null);
            return difference is null
                ? Describe(file, id, asked)
                : throw new DatasetException($"{path}: was made otherwise ({difference}); pass -f to make it anew, or choose another folder");
        }
        catch (Hdf5Exception)
        {
            return null;
        }
    }

    private static string Names(FeatureFileHead head) => string.Join(" ", head.Captures.Select(c => $"{c.Name} ({c.Sha256[..8]})"));

    /// <summary>What the manifest says of a finished file; of one that it does not know, what the file says. A file does not say whether its
    /// captures ended in order, so that one which may be cut and is not known is built anew.</summary>
    private DatasetDay? Describe(DatasetFile file, string id, FeatureFileHead asked)
    {
        if (Manifest.Days.FirstOrDefault(d => d.Id == id) is { } known && known.RowsHash == file.RowsHash && known.Rows == file.Rows.Rows)
        {
            return known;
        }

        if (_options.AllowsCut)
        {
            return null;
        }

        (long first, long last) = TimesOf(file);
        return new DatasetDay
        {
            Id = id,
            Date = file.Rows.Rows == 0 ? "" : DateTime.UnixEpoch.AddTicks(first / 100).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Captures = asked.Captures,
            ConfigurationHash = asked.Configuration.Hash,
            Rows = file.Rows.Rows,
            Quotes = file.Quotes,
            FirstTime = first,
            LastTime = last,
            EndTime = file.EndTime,
            RowsHash = file.RowsHash,
        };
    }

    private static (long First, long Last) TimesOf(DatasetFile file)
    {
        long[] times = new long[file.Rows.Rows];
        file.ReadColumn(FeatureFileFormat.Time, 0, times.AsSpan());
        return times.Length == 0 ? (0, 0) : (times.Min(), times.Max());
    }
}
