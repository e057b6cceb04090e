using Engine.Books;

namespace Engine.Features.Families;

/// <summary>
/// Who waits at the best price of each side: age of the oldest order (seconds, at most 3,600), number of orders, the oldest order's share of
/// the level's quantity, and quantity by order. An order's age counts from the event that gave it its place in its queue. NaN where the side is
/// empty, and where the feed tells levels, not orders.
/// </summary>
/// <remarks>Queue position and its value: Moallemi and Yuan, "A Model for Queue Position Valuation in a Limit Order Book" (2016).</remarks>
internal sealed unsafe class TouchQueues : FeatureFamily
{
    private const int ColumnsASide = 4;

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        .. new[] { "ask", "bid" }.SelectMany(side => (FeatureSpec[])
        [
            new FeatureSpec($"{side}_queue_age", "queue", 0, "seconds"),
            new FeatureSpec($"{side}_queue_orders", "queue", 0, "orders"),
            new FeatureSpec($"{side}_queue_front", "queue", 0, "ratio"),
            new FeatureSpec($"{side}_queue_mean_size", "queue", 0, "shares"),
        ]),
    ];

    /// <inheritdoc/>
    public override Signals Reads => Signals.Time;

    /// <inheritdoc/>
    public override int StateBytes => 2 * sizeof(TouchQueue);

    /// <summary>The queue at the best price of a side changed.</summary>
    public void Changed(InstrumentEvent e, bool ask)
    {
        // SAFETY: the state holds two queues, ask first; no orders stand for no queue.
        e.TryTouchQueue(ask, out ((TouchQueue*)(e.Block + StateAt))[ask ? 0 : 1]);
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        // SAFETY: as Changed.
        var queues = (TouchQueue*)(view.Block + StateAt);
        Write(queues[0], view.Time, output);
        Write(queues[1], view.Time, output[ColumnsASide..]);
    }

    private static void Write(in TouchQueue queue, long time, Span<float> output)
    {
        if (queue.Orders == 0)
        {
            output[..ColumnsASide].Fill(float.NaN);
            return;
        }

        output[0] = InstrumentHead.SecondsSince(time, queue.OldestTime);
        output[1] = queue.Orders;
        output[2] = (float)((double)queue.OldestQuantity / queue.Quantity);
        output[3] = (float)((double)queue.Quantity / queue.Orders);
    }
}
