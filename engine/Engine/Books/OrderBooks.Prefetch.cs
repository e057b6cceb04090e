using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>
/// Asks for memory before it is needed. An event that names an order needs three things, each of which tells where the next one is: the
/// order's index entry, the order, and its level. So a packet's entries are asked for at once, its orders some events before
/// their turn, and their levels half as many. Nothing depends on any of it.
/// </content>
public sealed unsafe partial class OrderBooks
{
    private const int OrderDistance = 8;
    private const int LevelDistance = 4;

    private readonly int[] _ahead = new int[OrderDistance];

    /// <summary>Asks for what a whole packet's events need first.</summary>
    /// <param name="events">Events that are about to be applied, in order.</param>
    public void PrefetchPacket(ReadOnlySpan<MarketEvent> events)
    {
        if (events.Length == 1)
        {
            return;
        }

        for (int i = 0; i < events.Length; i++)
        {
            _index.Prefetch(events[i].OrderId);
        }

        for (int i = 0; i < Math.Min(OrderDistance, events.Length); i++)
        {
            _ahead[i] = _index.PrefetchSlot(events[i].OrderId);
        }
    }

    /// <summary>Before an event of that packet is applied: asks for what later ones need.</summary>
    /// <param name="events">The packet.</param>
    /// <param name="i">The event that is about to be applied.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchAhead(ReadOnlySpan<MarketEvent> events, int i)
    {
        if (i + OrderDistance < events.Length)
        {
            // SAFETY: the slot was named by the index or is 0; a prefetch never faults.
            ref int ahead = ref _ahead[i & (OrderDistance - 1)];
            int level = OrderAt(_ahead[(i + LevelDistance) & (OrderDistance - 1)])->Level;
            ahead = _index.PrefetchSlot(events[i + OrderDistance].OrderId);
            if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
            {
                System.Runtime.Intrinsics.X86.Sse.Prefetch0(_nodes + level);
            }
        }
    }
}
