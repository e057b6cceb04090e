using Engine.Core.Events;

namespace Engine.Feeds.Tests;

/// <summary>Every field of an event in one line, so that a difference shows.</summary>
internal static class EventText
{
    public static string Of(in MarketEvent e) =>
        $"{e.Kind} {e.Side} [{e.Flags}] i{e.Instrument} q{e.Quantity} p{e.Price} o{e.OrderId} r{e.Reference} t{e.ExchangeTime} x{e.ReceiveTime} s{e.Sequence} {e.Venue}";
}
