using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>
/// Asks for memory before it is needed. An event that names an order needs three things, each of which tells where the next one is: the
/// order's place in the index, the order, and its level. So a packet's places are asked for at once, its orders some events before
/// their turn, and their levels half as many. Nothing depends on any of it.
/// </content>
public sealed unsafe partial class OrderBooks
{
    private const int OrderDistance = 8;
    private const int LevelDistance = 4;

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
    }

    /// <summary>Before an event of that packet is applied: asks for what later ones need.</summary>
    /// <param name="events">The packet.</param>
    /// <param name="i">The event that is about to be applied.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchAhead(ReadOnlySpan<MarketEvent> events, int i)
    {
        if (Sse.IsSupported && i + OrderDistance < events.Length)
        {
            // SAFETY: a place names a slot, slot 0 a level too; a prefetch never faults.
            Sse.Prefetch0(_nodes + (uint)*_index.PlaceOf(events[i + OrderDistance].OrderId));
            Sse.Prefetch0(_nodes + (uint)OrderAt(*_index.PlaceOf(events[i + LevelDistance].OrderId))->Level);
        }
    }
}
