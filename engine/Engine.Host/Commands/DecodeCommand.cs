using System.CommandLine;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Host.Output;

namespace Engine.Host.Commands;

/// <summary>`engine decode`: a line an event, with every field the wire carries.</summary>
internal sealed class DecodeCommand
{
    private static readonly string[] s_columns =
    [
        "time_ns", "receive_ns", "symbol", "kind", "side", "price", "quantity", "order_id",
        "new_order_id", "match_id", "sequence", "type", "locate", "tracking", "detail",
    ];

    private readonly CaptureOptions _source = new();
    private readonly RowOutputOptions _output = new();
    private readonly Option<string?> _symbols = new("--symbols") { Description = "Only events of these symbols, e.g. A,B." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("decode", "Print a line an event. Fields that come from an order the session has not seen are empty.");
        _source.AddTo(command);
        command.Add(_symbols);
        _output.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        var limits = new EngineLimits();
        string[]? symbols = CaptureOptions.ParseSymbols(parse.GetValue(_symbols));
        using MarketDataSource source = _source.Open(parse, symbols, limits);
        using var books = new OrderBooks(limits);
        long limit = _output.Limit(parse);
        using RowWriter rows = _output.Open(parse, s_columns);

        // One at a time: an instrument that a later message of the packet names must not have its name before.
        using var buffer = new NativeBuffer<MarketEvent>(1);
        using var detail = new StringWriter();
        using var stop = new StopSignal();
        int count = 0;
        while (!stop.IsSet && rows.Rows < limit && (count = source.Read(buffer.Span)) >= 0)
        {
            for (int i = 0; i < count && rows.Rows < limit; i++)
            {
                ref MarketEvent e = ref buffer[i];
                books.Apply(ref e);
                if (symbols is null || (e.Flags & EventFlags.Watched) != 0)
                {
                    Write(rows, source, e, i, detail);
                }
            }
        }

        rows.Flush();
        return SourceReport.Finish(source, count < 0);
    }

    private static void Write(RowWriter rows, MarketDataSource source, in MarketEvent e, int index, StringWriter detail)
    {
        rows.Integer(e.ExchangeTime);
        rows.Integer(e.ReceiveTime);
        rows.Text(source.Instruments.Symbol(e.Instrument) ?? "");
        rows.Text(EventNames.Of(e.Kind));
        rows.Text(EventNames.Of(e.Side));
        if (e.Price == MarketEvent.Absent || !HasPrice(e.Kind))
        {
            rows.Empty();
        }
        else
        {
            rows.Price(e.Price);
        }

        bool hasQuantity = e.Kind is not (EventKind.Status or EventKind.TradeBreak) || e.Venue == Venue.BitMex;
        if (e.Quantity == MarketEvent.Absent || !hasQuantity)
        {
            rows.Empty();
        }
        else
        {
            rows.Integer(e.Quantity);
        }

        Id(rows, e.OrderId, true);
        Id(rows, e.Reference, e.Kind == EventKind.Replace);
        Id(rows, e.Reference, e.Kind is EventKind.Execute or EventKind.Trade or EventKind.TradeBreak);
        rows.Integer(e.Sequence);
        Wire(rows, source, index, detail);
        rows.EndRow();
    }

    private static bool HasPrice(EventKind kind) =>
        kind is not (EventKind.Status or EventKind.TradeBreak or EventKind.Gap or EventKind.Clear or EventKind.SnapshotBegin or EventKind.SnapshotEnd);

    private static void Id(RowWriter rows, ulong id, bool present)
    {
        if (present && id != 0)
        {
            rows.Integer(id);
        }
        else
        {
            rows.Empty();
        }
    }

    private static void Wire(RowWriter rows, MarketDataSource source, int index, StringWriter detail)
    {
        if (source.Text is not { } text || !source.TryGetMessage(index, out ReadOnlySpan<byte> message))
        {
            rows.Empty();
            rows.Empty();
            rows.Empty();
            rows.Empty();
            return;
        }

        rows.Text(text.Type(message));
        if (text.TryGetIds(message, out long locate, out long tracking))
        {
            rows.Integer(locate);
            rows.Integer(tracking);
        }
        else
        {
            rows.Empty();
            rows.Empty();
        }

        detail.GetStringBuilder().Clear();
        text.Detail(message, detail);
        rows.Text(detail.ToString());
    }
}
