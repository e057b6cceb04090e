using Engine.Core.Hdf5;

namespace Engine.Recording.Hdf5;

/// <summary>
/// The names in a file of feature rows. Rows are the first dimension of the datasets in the first group below, and of equal length;
/// everything in them has a checksum (fletcher32), and deflate with shuffle where it was asked for.
/// </summary>
/// <remarks>
/// <code>
///  /features       float32 [rows x features]   the raw features, in contract order
///  /time           int64   [rows]              exchange time of the row, ns since the Unix epoch; written last
///  /receive_time   int64   [rows]              receive time of the event that made it due
///  /instrument     int32   [rows]              index into /symbols
///  /event          int64   [rows]              number of that event in the run
///  /sequence       uint64  [rows]              the feed's sequence number of that event
///  /trust          uint8   [rows]              trust of the book: 0 good, 1 recovering, 2 suspect
///  /flags          uint8   [rows]              flags of that event
///
///  /symbols        text    [symbols]           instruments in the order of their first rows
///  /symbol_ids     int32   [symbols]           their numbers in the run
///  /feature_names  text    [features]
///  /end            int64   [0 or 3]            rows, events, 1 for a run that was ended early; empty until the writer closes in order
///
///  attributes of /: format, format_version, engine_version, contract_name, contract_hash, contract_text, sampling, families,
///  windows_ns, units, capture_names, capture_bytes, capture_sha256, configuration, configuration_hash
/// </code>
/// </remarks>
public static class FeatureFileFormat
{
    /// <summary>What the attribute `format` says.</summary>
    public const string Name = "engine-feature-rows";

    /// <summary>Version of the layout.</summary>
    public const int Version = 1;

    /// <summary>Attributes.</summary>
    public const string Format = "format", FormatVersion = "format_version", EngineVersion = "engine_version",
        ContractName = "contract_name", ContractHash = "contract_hash", ContractText = "contract_text", SamplingRule = "sampling",
        Families = "families", Windows = "windows_ns", Units = "units",
        CaptureNames = "capture_names", CaptureBytes = "capture_bytes", CaptureHashes = "capture_sha256",
        Configuration = "configuration", ConfigurationHash = "configuration_hash";

    /// <summary>Datasets.</summary>
    public const string Features = "/features", Time = "/time", ReceiveTime = "/receive_time", Instrument = "/instrument", Event = "/event",
        Sequence = "/sequence", Trust = "/trust", Flags = "/flags", Symbols = "/symbols", SymbolIds = "/symbol_ids",
        FeatureNames = "/feature_names", End = "/end";

    /// <summary>Entries of `/end`.</summary>
    public const int EndEntries = 3;

    /// <summary>What `/time` holds where room was made for a row that was never written.</summary>
    public const long Unwritten = long.MinValue;

    /// <summary>Bytes of a symbol, UTF-8: every symbol of 128 letters fits. A longer one is cut, ends in <see cref="CutMark"/>, and is counted.</summary>
    public const int SymbolBytes = 256;

    /// <summary>The last letter of a symbol that was cut.</summary>
    public const char CutMark = '…';

    private const int LargestChunkBytes = 256 << 10;
    private const int MostRowsPerChunk = 1 << 12;

    /// <summary>Rows of a chunk, a power of two: the features of as many are at most 256 KiB, and more than half of that where rows are
    /// wide enough.</summary>
    public static int RowsPerChunk(int features)
    {
        int rows = 1;
        while (rows < MostRowsPerChunk && (long)rows * 2 * features * sizeof(float) <= LargestChunkBytes)
        {
            rows *= 2;
        }

        return rows;
    }

    /// <summary>What a file's attribute `format` says; null where it has none, or one that is no text.</summary>
    public static string? Of(Hdf5File file) => Hdf5Attributes.Find(file, Format) is { Values: [string name] } ? name : null;
}
