using System.CommandLine;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Feeds;
using Engine.Host.Output;
using Engine.Signals;

namespace Engine.Host.Commands;

/// <summary>`engine features`: the rows of a contract, by the same pipeline that feeds the models.</summary>
internal sealed class FeaturesCommand
{
    private readonly CaptureOptions _source = new();
    private readonly RowOutputOptions _output = new();
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
        using MarketDataSource source = _source.Open(parse, CaptureOptions.ParseSymbols(parse.GetValue(_symbol)), limits);
        FeatureSet set = _contract.Create(parse, limits);
        string[] columns = ["time_ns", "receive_ns", "symbol", .. set.Contract.Features.ToArray().Select(f => f.Name)];
        long limit = _output.Limit(parse);
        using RowWriter rows = _output.Open(parse, columns);
        var handler = new RowsToWriter(rows, source.Instruments, limit);
        using var pipeline = new Pipeline<RowsToWriter>(limits, set, handler, new StageTimer { Enabled = false })
        {
            FollowsAll = source.Instruments.WatchesAll,
        };
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        using var stop = new StopSignal();
        int count = 0;
        while (!stop.IsSet && rows.Rows < limit && (count = source.Read(buffer.Span)) >= 0)
        {
            pipeline.OnPacket(buffer.Span[..count]);
        }

        rows.Flush();
        Console.Error.WriteLine($"engine: {rows.Rows:N0} rows of contract {set.Contract.Name} {set.Contract.Hash}, {set.Contract.Sampling}");
        return SourceReport.Finish(source, count < 0);
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
