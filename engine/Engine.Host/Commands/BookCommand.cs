using System.CommandLine;
using System.Globalization;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Host.Output;

namespace Engine.Host.Commands;

/// <summary>`engine book`: the top of one book after every message that can touch it.</summary>
internal sealed class BookCommand
{
    private const int MaxDepth = 1_000;

    private readonly CaptureOptions _source = new();
    private readonly RowOutputOptions _output = new();
    private readonly Option<string> _symbol = new("--symbol") { Description = "The symbol.", Required = true };
    private readonly Option<int> _depth = new("--depth") { Description = "Levels a side, 1 to 1000.", DefaultValueFactory = _ => 10 };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("book", "Print the best levels of one book: a row for every message that can touch it, changed or not.");
        _source.AddTo(command);
        command.Add(_symbol);
        command.Add(_depth);
        _output.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        int depth = parse.GetValue(_depth);
        if (depth is < 1 or > MaxDepth)
        {
            throw new HostException(ExitCodes.Usage, $"--depth {depth}: 1 to {MaxDepth}");
        }

        var limits = new EngineLimits();
        using MarketDataSource source = _source.Open(parse, [parse.GetRequiredValue(_symbol)], limits);
        using var books = new OrderBooks(limits);
        long limit = _output.Limit(parse);
        using RowWriter rows = _output.Open(parse, Columns(depth));
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        var levels = new Levels(depth);
        using var stop = new StopSignal();
        bool touched = false;
        int count = 0;
        while (!stop.IsSet && rows.Rows < limit && (count = source.Read(buffer.Span)) >= 0)
        {
            for (int i = 0; i < count && rows.Rows < limit; i++)
            {
                ref MarketEvent e = ref buffer[i];
                bool watched = (e.Flags & EventFlags.Watched) != 0 && e.Instrument >= 0;
                if (watched || e.Instrument == MarketEvent.AllInstruments)
                {
                    books.Apply(ref e);
                }
                else
                {
                    books.Pass(e, unnamed: false);
                }

                touched |= watched && CanTouchBook(e.Kind);
                if (watched && touched && (e.Flags & EventFlags.LastOfEvent) != 0)
                {
                    levels.Write(rows, books, e);
                    touched = false;
                }
            }
        }

        rows.Flush();
        return SourceReport.Finish(source, count < 0);
    }

    private static bool CanTouchBook(EventKind kind) => kind is EventKind.Add or EventKind.Modify or EventKind.Cancel
        or EventKind.Delete or EventKind.Execute or EventKind.Replace or EventKind.LevelSet or EventKind.Clear
        or EventKind.SnapshotBegin or EventKind.SnapshotEnd;

    private static List<string> Columns(int depth)
    {
        List<string> columns = ["time_ns"];
        for (int i = 1; i <= depth; i++)
        {
            foreach (string name in (ReadOnlySpan<string>)["ask_price", "ask_size", "bid_price", "bid_size"])
            {
                columns.Add(string.Create(CultureInfo.InvariantCulture, $"{name}_{i}"));
            }
        }

        return columns;
    }

    private sealed class Levels(int depth)
    {
        private readonly long[] _askPrice = new long[depth];
        private readonly long[] _askSize = new long[depth];
        private readonly long[] _bidPrice = new long[depth];
        private readonly long[] _bidSize = new long[depth];

        public void Write(RowWriter rows, OrderBooks books, in MarketEvent e)
        {
            int asks = books.Top(e.Instrument, Side.Sell, _askPrice, _askSize);
            int bids = books.Top(e.Instrument, Side.Buy, _bidPrice, _bidSize);
            rows.Integer(e.ExchangeTime);
            for (int i = 0; i < depth; i++)
            {
                Level(rows, i < asks, _askPrice[i], _askSize[i]);
                Level(rows, i < bids, _bidPrice[i], _bidSize[i]);
            }

            rows.EndRow();
        }

        private static void Level(RowWriter rows, bool present, long price, long size)
        {
            if (present)
            {
                rows.Price(price);
                rows.Integer(size);
            }
            else
            {
                rows.Empty();
                rows.Empty();
            }
        }
    }
}
