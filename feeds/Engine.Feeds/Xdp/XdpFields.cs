using Engine.Feeds.Text;
using static Engine.Feeds.Text.WireField;

namespace Engine.Feeds.Xdp;

/// <summary>The fields of each type that a market event does not carry; offsets as in <see cref="XdpLayouts"/>.</summary>
internal static class XdpFields
{
    private static readonly WireField[] s_add = [Letters("firm", 33, 5), Number("parity_splits", 38, 1)];

    private static readonly WireField[] s_modify =
        [Number("position_change", 32, 1), Number("previous_parity_splits", 33, 1), Number("new_parity_splits", 34, 1)];

    private static readonly WireField[] s_delete = [Number("parity_splits", 24, 1)];

    private static readonly WireField[] s_execute = [Number("printable", 36, 1), Number("parity_splits", 37, 1), Letters("conditions", 38, 4)];

    private static readonly WireField[] s_replace = [Number("previous_parity_splits", 40, 1), Number("new_parity_splits", 41, 1)];

    private static readonly WireField[] s_imbalance =
    [
        Price("reference_price", 20), Number("paired_quantity", 24, 4), Number("total_imbalance", 28, 4), Number("market_imbalance", 32, 4),
        Number("auction_time", 36, 2), Letters("auction_type", 38), Letters("imbalance_side", 39), Price("book_clearing_price", 40),
        Price("interest_clearing_price", 44), Price("ssr_filing_price", 48), Price("indicative_match_price", 52), Price("upper_collar", 56),
        Price("lower_collar", 60), Number("auction_status", 64, 1), Number("freeze_status", 65, 1), Number("extensions", 66, 1),
        Number("unpaired_quantity", 67, 4), Letters("unpaired_side", 71),
    ];

    private static readonly WireField[] s_refresh = [Letters("firm", 37, 5), Number("parity_splits", 42, 1)];

    private static readonly WireField[] s_hidden = [Number("printable", 28, 1), Letters("conditions", 29, 4)];

    private static readonly WireField[] s_cross = [Letters("cross_type", 28)];

    private static readonly WireField[] s_correction = [Number("cross_id", 16, 4), Number("volume", 20, 4)];

    private static readonly WireField[] s_retail = [Letters("interest", 16)];

    private static readonly WireField[] s_summary =
        [Price("high", 16), Price("low", 20), Price("open", 24), Price("close", 28), Number("total_volume", 32, 4)];

    private static readonly WireField[] s_status =
    [
        Letters("security_status", 20), Letters("halt_condition", 21), Price("price_1", 26), Price("price_2", 30), Letters("ssr_exchange", 34),
        Number("ssr_volume", 35, 4), Number("time", 39, 4), Letters("ssr_state", 43), Letters("market_state", 44), Letters("session_state", 45),
    ];

    private static readonly WireField[] s_clear = [Number("next_source_sequence", 16, 4)];

    private static readonly WireField[] s_reset = [Number("product", 12, 1), Number("channel", 13, 1)];

    private static readonly WireField[] s_time = [Number("id", 4, 4), Number("seconds", 12, 4)];

    private static readonly WireField[] s_mapping =
    [
        Number("market", 20, 2), Number("system", 22, 1), Letters("exchange", 23), Number("price_scale", 24, 1), Letters("security_type", 25),
        Number("lot_size", 26, 2), Price("previous_close", 28), Number("previous_volume", 32, 4), Number("price_resolution", 36, 1),
        Letters("round_lot", 37), Number("minimum_variation", 38, 2), Number("unit_of_trade", 40, 2),
    ];

    private static readonly WireField[] s_request =
        [Number("first", 4, 4), Number("last", 8, 4), Letters("source", 12, 10), Number("product", 22, 1), Number("channel", 23, 1)];

    private static readonly WireField[] s_response =
    [
        Number("request", 4, 4), Number("first", 8, 4), Number("last", 12, 4), Letters("source", 16, 10), Number("product", 26, 1),
        Number("channel", 27, 1), Letters("status", 28),
    ];

    private static readonly WireField[] s_heartbeat = [Letters("source", 4, 10)];

    private static readonly WireField[] s_mappingRequest =
    [
        Number("symbol_index", 4, 4), Letters("source", 8, 10), Number("product", 18, 1), Number("channel", 19, 1), Number("method", 20, 1),
    ];

    private static readonly WireField[] s_unavailable =
        [Number("first", 4, 4), Number("last", 8, 4), Number("product", 12, 1), Number("channel", 13, 1)];

    private static readonly WireField[] s_refreshHead =
        [Number("packet", 4, 2), Number("packets", 6, 2), Number("last_sequence", 8, 4), Number("last_symbol_sequence", 12, 4)];

    /// <summary>The fields of a type, in wire order; none for a type whose fields are all in the event, or unknown.</summary>
    public static ReadOnlySpan<WireField> Of(int type) => type switch
    {
        1 => s_reset,
        2 => s_time,
        3 => s_mapping,
        10 => s_request,
        11 => s_response,
        12 => s_heartbeat,
        13 or 15 => s_mappingRequest,
        31 => s_unavailable,
        32 => s_clear,
        34 => s_status,
        35 => s_refreshHead,
        100 => s_add,
        101 => s_modify,
        102 => s_delete,
        103 => s_execute,
        104 => s_replace,
        105 => s_imbalance,
        106 => s_refresh,
        110 => s_hidden,
        111 => s_cross,
        113 => s_correction,
        114 => s_retail,
        223 => s_summary,
        _ => [],
    };

    private static WireField Price(string name, int offset) => new(name, offset, 4, FieldForm.ScaledPrice);
}
