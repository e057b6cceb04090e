using Engine.Core.Events;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>The live orders that events leave: a dictionary by id, emptied where a snapshot begins.</summary>
internal sealed class EventOrders
{
    private readonly Dictionary<ulong, (Side Side, long Price, long Quantity)> _orders = [];

    /// <summary>The orders that the first messages of a stream leave.</summary>
    public static EventOrders After(IEnumerable<MarketEvent> events)
    {
        EventOrders orders = new();
        foreach (MarketEvent e in events)
        {
            orders.Apply(e);
        }

        return orders;
    }

    public void Apply(in MarketEvent e)
    {
        switch (e.Kind)
        {
            case EventKind.Add:
                _orders[e.OrderId] = (e.Side, e.Price, e.Quantity);
                break;
            case EventKind.Execute or EventKind.Cancel when _orders.TryGetValue(e.OrderId, out (Side Side, long Price, long Quantity) order):
                Set(e.OrderId, order with { Quantity = order.Quantity - e.Quantity });
                break;
            case EventKind.Delete:
                _orders.Remove(e.OrderId);
                break;
            case EventKind.Replace when _orders.Remove(e.OrderId, out (Side Side, long Price, long Quantity) old):
                _orders[e.Reference] = (old.Side, e.Price, e.Quantity);
                break;
            case EventKind.SnapshotBegin or EventKind.Clear:
                _orders.Clear();
                break;
        }
    }

    public override string ToString() => string.Join('\n', _orders.OrderBy(order => order.Key));

    private void Set(ulong id, (Side Side, long Price, long Quantity) order)
    {
        if (order.Quantity > 0)
        {
            _orders[id] = order;
        }
        else
        {
            _orders.Remove(id);
        }
    }
}
