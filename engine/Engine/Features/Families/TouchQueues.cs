using System.Runtime.Intrinsics;
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
    private const long NoQueue = long.MaxValue;

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

    /// <summary>For each side, ask first, when its oldest order took its place.</summary>
    public override int StateBytes => 2 * sizeof(long);

    /// <inheritdoc/>
    public override void Begin(byte* block)
    {
        Put(block, side: 0, default);
        Put(block, side: 1, default);
    }

    /// <summary>The queue at the best price of a side changed: so do its columns but the age, which changes with time too.</summary>
    public void Changed(InstrumentEvent e, bool ask)
    {
        _ = e.TryTouchQueue(ask, out TouchQueue queue);
        Put(e.Block, ask ? 0 : 1, queue);
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        // SAFETY: the state holds two times.
        long* oldest = (long*)(view.Block + StateAt);
        Vector256<long> since = Vector256.Create(oldest[0], oldest[1], 0, 0);
        Vector256<double> none = Vector256.Equals(since, Vector256.Create(NoQueue)).AsDouble();
        Vector256<double> ages = Vector256.ConditionalSelect(none, Vector256.Create(double.NaN), InstrumentHead.SecondsSince(view.Time, since));
        (output[0], output[ColumnsASide]) = Columns.Two(ages.GetLower());
    }

    /// <summary>Writes what does not depend on time; no orders stand for no queue.</summary>
    private void Put(byte* block, int side, in TouchQueue queue)
    {
        // SAFETY: as Write; the block is the instrument's, which has what the layout placed.
        float* columns = Kept(block) + (side * ColumnsASide);
        bool exists = queue.Orders != 0;
        ((long*)(block + StateAt))[side] = exists ? queue.OldestTime : NoQueue;
        Vector128<double> ratios = Vector128.Create((double)queue.OldestQuantity, queue.Quantity) / Vector128.Create((double)queue.Quantity, queue.Orders);
        columns[1] = exists ? queue.Orders : float.NaN;
        (columns[2], columns[3]) = Columns.Two(exists ? ratios : Vector128.Create(double.NaN));
    }
}
