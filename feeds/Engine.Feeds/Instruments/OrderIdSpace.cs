namespace Engine.Feeds.Instruments;

/// <summary>
/// Order ids for books that find orders by id alone, where a feed's ids are unique within an instrument only: the instrument's index is
/// exclusive-or'ed into the upper 16 bits. Within an instrument ids stay different. Ids of two instruments can meet only where the feed
/// uses those 16 bits itself; the books then see an order that is there already, or that belongs to another instrument, count it, and
/// mark the book. The ids of instrument 0 stay as they are.
/// </summary>
internal static class OrderIdSpace
{
    private const int Shift = 48;

    /// <summary>The id for the books; applied to such an id, the feed's own again.</summary>
    /// <param name="id">The feed's id.</param>
    /// <param name="instrument">Index of the instrument; a negative one leaves the id alone.</param>
    public static ulong Of(ulong id, int instrument) => instrument < 0 ? id : id ^ ((ulong)instrument << Shift);
}
