using Engine.Feeds.Text;

namespace Engine.Feeds.Itch;

/// <summary>
/// The fields of each type that a market event does not carry. Layout: NASDAQ TotalView-ITCH 5.0 specification.
/// </summary>
internal static class ItchFields
{
    private static readonly WireField[] s_directory =
    [
        Text("market_category", 19), Text("financial_status", 20), Number("round_lot_size", 21, 4), Text("round_lots_only", 25),
        Text("issue_classification", 26), Text("issue_sub_type", 27, 2), Text("authenticity", 29),
        Text("short_sale_threshold", 30), Text("ipo_flag", 31), Text("luld_tier", 32), Text("etp_flag", 33),
        Number("etp_leverage", 34, 4), Text("inverse", 38),
    ];

    private static readonly WireField[] s_imbalance =
    [
        Number("paired_shares", 11, 8), Number("imbalance_shares", 19, 8), Text("imbalance_direction", 27),
        Price("far_price", 36), Price("near_price", 40), Price("reference_price", 44), Text("cross_type", 48),
        Text("price_variation", 49),
    ];

    private static readonly WireField[] s_directListing =
    [
        Text("open_eligibility", 19), Price("minimum_price", 20), Price("maximum_price", 24), Price("near_execution_price", 28),
        Number("near_execution_time", 32, 8), Price("lower_collar", 40), Price("upper_collar", 44),
    ];

    private static readonly WireField[] s_collar =
        [Price("reference_price", 19), Price("upper_collar", 23), Price("lower_collar", 27), Number("extension", 31, 4)];

    private static readonly WireField[] s_action = [Text("trading_state", 19), Text("reserved", 20), Text("reason", 21, 4)];

    private static readonly WireField[] s_position =
        [Text("mpid", 11, 4), Text("primary_market_maker", 23), Text("market_maker_mode", 24), Text("participant_state", 25)];

    private static readonly WireField[] s_breakers = [Level("level_1", 11), Level("level_2", 19), Level("level_3", 27)];

    private static readonly WireField[] s_ipo =
        [Number("release_time", 19, 4), Text("release_qualifier", 23), Price("ipo_price", 24)];

    private static readonly WireField[] s_systemEvent = [Text("event_code", 11)];

    private static readonly WireField[] s_shortSale = [Text("reg_sho_action", 19)];

    private static readonly WireField[] s_breach = [Text("breached_level", 11)];

    private static readonly WireField[] s_halt = [Text("market_code", 19), Text("halt_action", 20)];

    private static readonly WireField[] s_retail = [Text("interest_flag", 19)];

    private static readonly WireField[] s_attribution = [Text("attribution", 36, 4)];

    private static readonly WireField[] s_printable = [Text("printable", 31)];

    private static readonly WireField[] s_cross = [Text("cross_type", 39)];

    /// <summary>The fields of a type, in wire order; none for a type whose fields are all in the event, or unknown.</summary>
    public static ReadOnlySpan<WireField> Of(char type) => type switch
    {
        'S' => s_systemEvent,
        'R' => s_directory,
        'H' => s_action,
        'Y' => s_shortSale,
        'L' => s_position,
        'V' => s_breakers,
        'W' => s_breach,
        'K' => s_ipo,
        'J' => s_collar,
        'h' => s_halt,
        'F' => s_attribution,
        'C' => s_printable,
        'Q' => s_cross,
        'I' => s_imbalance,
        'N' => s_retail,
        'O' => s_directListing,
        _ => [],
    };

    private static WireField Text(string name, int offset, int size = 1) => WireField.Letters(name, offset, size);

    private static WireField Number(string name, int offset, int size) => WireField.Number(name, offset, size);

    private static WireField Price(string name, int offset) => new(name, offset, 4, FieldForm.Price4);

    private static WireField Level(string name, int offset) => new(name, offset, 8, FieldForm.Price8);
}
