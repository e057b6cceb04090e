using System.Globalization;

namespace Engine.Host.Tests.Support;

/// <summary>What `decode` and `book` must print for a list of messages, computed the slow and plain way.</summary>
internal static class NaiveRows
{
    public const string DecodeHeader =
        "time_ns,receive_ns,symbol,kind,side,price,quantity,order_id,new_order_id,match_id,sequence,type,locate,tracking,detail";

    /// <summary>A row a message. The second value is how many named an order never seen.</summary>
    public static (List<string> Rows, int Unknown) Decode(IEnumerable<WireMessage> messages, long midnight)
    {
        var orders = new NaiveOrders();
        var rows = new List<string>();
        foreach (WireMessage m in messages)
        {
            NaiveOrders.Order? order = orders.Take(m);
            long time = midnight + m.Time;
            string[] fields = Fields(m, order);
            rows.Add(string.Create(CultureInfo.InvariantCulture,
                $"{time},{m.ReceiveTime ?? time},{orders.Symbols.GetValueOrDefault(m.Locate, "")},{string.Join(',', fields[..^1])},{m.Sequence},{m.Type},{m.Locate},{m.U16(3)},{fields[^1]}"));
        }

        return (rows, orders.Unknown);
    }

    /// <summary>The best levels of one symbol after every message of its that can touch the book.</summary>
    public static List<string> Book(IEnumerable<WireMessage> messages, long midnight, string symbol, int depth)
    {
        var orders = new NaiveOrders();
        var rows = new List<string>();
        foreach (WireMessage m in messages)
        {
            orders.Take(m);
            if (m.Type is 'A' or 'F' or 'E' or 'C' or 'X' or 'D' or 'U' && orders.Symbols.GetValueOrDefault(m.Locate) == symbol)
            {
                List<NaiveOrders.Order> live = [.. orders.Live.Values.Where(o => o.Locate == m.Locate)];
                string[] asks = Side([.. live.Where(o => o.Side == 'S').GroupBy(o => o.Price).OrderBy(g => g.Key).Take(depth)], depth);
                string[] bids = Side([.. live.Where(o => o.Side == 'B').GroupBy(o => o.Price).OrderByDescending(g => g.Key).Take(depth)], depth);
                rows.Add(string.Create(CultureInfo.InvariantCulture, $"{midnight + m.Time},") + string.Join(',', asks.Zip(bids, (a, b) => $"{a},{b}")));
            }
        }

        return rows;
    }

    private static string[] Side(IGrouping<uint, NaiveOrders.Order>[] levels, int depth)
    {
        var fields = new string[depth];
        for (int i = 0; i < depth; i++)
        {
            fields[i] = i < levels.Length
                ? string.Create(CultureInfo.InvariantCulture, $"{WireMessage.PriceText(levels[i].Key)},{levels[i].Sum(o => o.Shares)}")
                : ",";
        }

        return fields;
    }

    // kind, side, price, quantity, order_id, new_order_id, match_id, detail
    private static string[] Fields(WireMessage m, NaiveOrders.Order? order)
    {
        string side = order is null ? "" : SideText(order.Side);
        string price = order is null ? "" : WireMessage.PriceText(order.Price);
        return m.Type switch
        {
            'A' => ["add", SideText((char)m.Body[19]), m.Price(32), Number(m.U32(20)), Number(m.U64(11)), "", "", ""],
            'F' => ["add", SideText((char)m.Body[19]), m.Price(32), Number(m.U32(20)), Number(m.U64(11)), "", "", $"attribution={m.Text(36, 4)}"],
            'E' => ["execute", side, price, Number(m.U32(19)), Number(m.U64(11)), "", Number(m.U64(23)), ""],
            'C' => ["execute", side, m.Price(32), Number(m.U32(19)), Number(m.U64(11)), "", Number(m.U64(23)), $"printable={m.Text(31)}"],
            'X' => ["cancel", side, price, Number(m.U32(19)), Number(m.U64(11)), "", "", ""],
            'D' => ["delete", side, price, order is null ? "" : Number((ulong)order.Shares), Number(m.U64(11)), "", "", ""],
            'U' => ["replace", side, m.Price(31), Number(m.U32(27)), Number(m.U64(11)), Number(m.U64(19)), "", ""],
            'P' => ["trade", SideText((char)m.Body[19]), m.Price(32), Number(m.U32(20)), m.U64(11) == 0 ? "" : Number(m.U64(11)), "", Number(m.U64(36)), ""],
            'Q' => ["trade", "", m.Price(27), Number(m.U64(11)), "", "", m.U64(31) == 0 ? "" : Number(m.U64(31)), $"cross_type={m.Text(39)}"],
            'B' => ["trade_break", "", "", "", "", "", Number(m.U64(11)), ""],
            _ => ["status", "", "", "", "", "", "", Detail(m)],
        };
    }

    private static string Detail(WireMessage m) => m.Type switch
    {
        'S' => $"event_code={m.Text(11)}",
        'H' => $"trading_state={m.Text(19)};reserved={m.Text(20)};reason={m.Text(21, 4)}",
        'Y' => $"reg_sho_action={m.Text(19)}",
        'L' => $"mpid={m.Text(11, 4)};primary_market_maker={m.Text(23)};market_maker_mode={m.Text(24)};participant_state={m.Text(25)}",
        'R' => $"market_category={m.Text(19)};financial_status={m.Text(20)};round_lot_size={m.U32(21)};round_lots_only={m.Text(25)};"
            + $"issue_classification={m.Text(26)};issue_sub_type={m.Text(27, 2)};authenticity={m.Text(29)};short_sale_threshold={m.Text(30)};"
            + $"ipo_flag={m.Text(31)};luld_tier={m.Text(32)};etp_flag={m.Text(33)};etp_leverage={m.U32(34)};inverse={m.Text(38)}",
        'I' => $"paired_shares={m.U64(11)};imbalance_shares={m.U64(19)};imbalance_direction={m.Text(27)};far_price={m.Price(36)};"
            + $"near_price={m.Price(40)};reference_price={m.Price(44)};cross_type={m.Text(48)};price_variation={m.Text(49)}",
        _ => throw new InvalidOperationException($"Type {m.Type} does not occur in the captures of these tests."),
    };

    private static string SideText(char side) => side switch { 'B' => "buy", 'S' => "sell", NaiveOrders.NoSide => "", _ => throw new InvalidOperationException($"side {side}") };

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
