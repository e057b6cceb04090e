using System.CommandLine;
using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Feeds;
using Engine.Host.Output;
using Engine.Recording;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Host.Commands;

/// <summary>`engine features`: the rows of a contract, by the same pipeline that feeds the models.</summary>
internal sealed class FeaturesCommand
{
    private readonly CaptureOptions _source = new();
    private readonly RowOutputOptions _output = new(allowsHdf5: true);
    private readonly ContractOptions _contract = new();
    private readonly Option<string?> _symbol = new("--symbol") { Description = "The symbol, or several as A,B; default all." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("features", "Write the feature rows, named by the contract. NaN is empty (jsonl: null).");
        _source.AddTo(command);
        command.Add(_symbol);
        _contract.AddTo(command);
        _output.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        var limits = new EngineLimits();
        long limit = _output.Limit(parse);
        Hdf5Output? hdf5 = _output.Hdf5(parse);
        string[]? symbols = CaptureOptions.ParseSymbols(parse.GetValue(_symbol));
        using MarketDataSource source = _source.Open(parse, symbols, limits);
        FeatureSet set = _contract.Create(parse, limits);
        if (hdf5 is not null)
        {
            using var file = new FeatureFileWriter(hdf5.Path, hdf5.Overwrite, Head(parse, source, set.Contract, symbols), source.Instruments, hdf5.Deflate);
            bool isRead = Drive(source, set, limits, new RowsToFile(file, limit), () => file.Rows >= limit, out long events);
            file.Close(events, !isRead);
            Report(file.Rows, set.Contract);
            if (file.CutSymbols > 0)
            {
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"engine: note: {file.CutSymbols:N0} symbols are longer than {FeatureFileFormat.SymbolBytes} bytes and are cut in {hdf5.Path}"));
            }

            return SourceReport.Finish(source, isRead);
        }
        else
        {
            string[] columns = ["time_ns", "receive_ns", "symbol", .. set.Contract.Features.ToArray().Select(f => f.Name)];
            using RowWriter rows = _output.Open(parse, columns);
            bool isRead = Drive(source, set, limits, new RowsToWriter(rows, source.Instruments, limit), () => rows.Rows >= limit, out _);
            rows.Flush();
            Report(rows.Rows, set.Contract);
            return SourceReport.Finish(source, isRead);
        }
    }

    /// <summary>Runs the pipeline until the captures end, the rows are enough, or somebody wants it to end; true for the first.</summary>
    private static bool Drive<TRows>(MarketDataSource source, FeatureSet set, EngineLimits limits, TRows rows, Func<bool> isEnough, out long events)
        where TRows : struct, IRowHandler
    {
        using var pipeline = new Pipeline<TRows>(limits, set, rows, new StageTimer { Enabled = false }) { FollowsAll = source.Instruments.WatchesAll };
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        using var stop = new StopSignal();
        int count = 0;
        while (!stop.IsSet && !isEnough() && (count = source.Read(buffer.Span)) >= 0)
        {
            pipeline.OnPacket(buffer.Span[..count]);
        }

        events = pipeline.Events;
        return count < 0;
    }

    /// <summary>What the rows are made from. How models run is not decided yet: it has its default.</summary>
    private FeatureFileHead Head(ParseResult parse, MarketDataSource source, FeatureContract contract, string[]? symbols) => new()
    {
        Contract = contract,
        Captures = LoggedFiles.Of(source),
        EngineVersion = BuildInfo.Version,
        Configuration = new RunConfiguration
        {
            Venue = _source.VenueText(parse),
            Date = _source.Date(parse)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Symbols = symbols,
            Contract = contract.Name,
            Sampling = contract.Sampling,
            Inference = "native",
            Gaps = source.Gaps.ToString(),
            SuppressSuspect = false,
        },
    };

    private static void Report(long rows, FeatureContract contract) =>
        Console.Error.WriteLine($"engine: {rows:N0} rows of contract {contract.Name} {contract.Hash}, {contract.Sampling}");

    private readonly struct RowsToFile(FeatureFileWriter file, long limit) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
        {
            if (file.Rows < limit)
            {
                file.Append(stamp, e, row);
            }
        }
    }

    private readonly struct RowsToWriter(RowWriter rows, InstrumentTable instruments, long limit) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
        {
            if (rows.Rows >= limit)
            {
                return;
            }

            rows.Integer(stamp.Time);
            rows.Integer(e.ReceiveTime);
            rows.Text(instruments.Symbol(stamp.Instrument) ?? "");
            foreach (float value in row)
            {
                rows.Float(value);
            }

            rows.EndRow();
        }
    }
}
