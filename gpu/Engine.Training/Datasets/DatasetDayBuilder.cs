using System.Globalization;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Recording;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Training.Datasets;

/// <summary>How far a build is.</summary>
/// <param name="Id">The day.</param>
/// <param name="Share">Of its captures' bytes, 0 to 1.</param>
/// <param name="Rows">Rows so far.</param>
public readonly record struct DatasetProgress(string Id, double Share, long Rows);

/// <summary>Makes one day's file: captures through the engine's own pipeline, event by event, with an eye on the books after each.</summary>
public static class DatasetDayBuilder
{
    private const int PacketsPerProgress = 1 << 12;

    /// <summary>Builds a file. It bears its name only when it is whole.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="id">The day.</param>
    /// <param name="captures">Capture files, merged by receive time.</param>
    /// <param name="options">How they become rows.</param>
    /// <param name="progress">Told now and then; null for nobody.</param>
    /// <exception cref="CaptureException">A capture cannot be read.</exception>
    /// <exception cref="DatasetException">A capture ends in damage.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static DatasetDay Build(string folder, string id, IReadOnlyList<string> captures, DatasetOptions options, Action<DatasetProgress>? progress = null)
    {
        using MarketDataSource source = CaptureSource.Open(captures, options.Feed());
        FeatureSet set = FeatureSet.Create(options.Contract, options.Sampling, options.Limits);
        FeatureFileHead head = Head(source, set.Contract, options);
        string path = Path.Combine(folder, id + DatasetFormat.Ending);
        string partial = path + DatasetFormat.PartialEnding;
        DatasetDay day;
        using (var file = new DatasetFileWriter(partial, head, source.Instruments, options.Deflate))
        {
            long events = Drive(source, set, options.Limits, file, id, progress);
            string? fault = source.Fault?.Sentence;
            if (fault is not null && !options.AllowsCut)
            {
                file.Dispose();
                File.Delete(partial);
                throw new DatasetException($"{fault}; allow it to keep the rows up to there", isData: true);
            }

            string hash = file.Close(events);
            bool hasRows = file.Rows > 0;
            day = new DatasetDay
            {
                Id = id,
                Date = DateOf(source, hasRows ? file.FirstTime : null),
                Captures = head.Captures,
                ConfigurationHash = head.Configuration.Hash,
                Rows = file.Rows,
                Quotes = file.Tape.Count,
                FirstTime = hasRows ? file.FirstTime : 0,
                LastTime = hasRows ? file.LastTime : 0,
                EndTime = file.Tape.EndTime,
                RowsHash = hash,
                Fault = fault,
            };
        }

        File.Move(partial, path, overwrite: true);
        return day;
    }

    /// <summary>What the rows are made from, as `engine features` says it.</summary>
    public static FeatureFileHead Head(MarketDataSource source, FeatureContract contract, DatasetOptions options) => new()
    {
        Contract = contract,
        Captures = [.. source.Captures.Select(c => new LoggedFile(Path.GetFileName(c.Path), c.SizeBytes, c.ComputeSha256()))],
        EngineVersion = options.ToolVersion,
        Configuration = new RunConfiguration
        {
            Venue = options.VenueText,
            Date = options.Date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Symbols = options.Symbols,
            Contract = contract.Name,
            Sampling = contract.Sampling,
            Inference = "native",
            Gaps = source.Gaps.ToString(),
            SuppressSuspect = false,
        },
    };

    /// <summary>Replays captures into rows, until they end or there are enough.</summary>
    /// <param name="source">The captures.</param>
    /// <param name="set">The features.</param>
    /// <param name="limits">Bounds of the run.</param>
    /// <param name="file">Takes rows and tape.</param>
    /// <param name="id">The day, for the progress.</param>
    /// <param name="progress">Told now and then; null for nobody.</param>
    /// <returns>Events that the run saw.</returns>
    internal static long Drive(MarketDataSource source, FeatureSet set, EngineLimits limits, DayRows file, string id, Action<DatasetProgress>? progress)
    {
        var rows = new RowsToFile(file);
        using var pipeline = new Pipeline<RowsToFile>(limits, set, rows, new StageTimer { Enabled = false }) { FollowsAll = source.Instruments.WatchesAll };
        pipeline.Rows.Books = pipeline.Books;
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        long total = source.Captures.Sum(c => c.ContentBytes);
        long packets = 0;
        for (int count; !file.IsEnough && (count = source.Read(buffer.Span)) >= 0;)
        {
            Span<MarketEvent> events = buffer.Span[..count];
            pipeline.Books.PrefetchPacket(events);
            for (int i = 0; i < count; i++)
            {
                pipeline.Books.PrefetchAhead(events, i);
                ref MarketEvent e = ref events[i];
                file.Stream = source.StreamOf(i);
                pipeline.OnEvent(ref e);
                file.OnEvent(e, pipeline.Books, (uint)e.Instrument < (uint)limits.Instruments ? pipeline.Features.LastTime(e.Instrument) : 0);
            }

            if (++packets % PacketsPerProgress == 0)
            {
                progress?.Invoke(new DatasetProgress(id, total > 0 ? Math.Min(1, (double)source.Statistics.Bytes / total) : 0, file.Rows));
            }
        }

        progress?.Invoke(new DatasetProgress(id, 1, file.Rows));
        return pipeline.Events;
    }

    private static string DateOf(MarketDataSource source, long? firstNanos) =>
        source.Date is { } date ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : firstNanos is { } nanos ? DateTime.UnixEpoch.AddTicks(nanos / 100).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : "";

    /// <summary>Hands rows to the file with the books they were made from.</summary>
    private struct RowsToFile(DayRows file) : IRowHandler
    {
        public OrderBooks? Books;

        public readonly void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => file.Append(stamp, e, row, Books!);
    }
}
