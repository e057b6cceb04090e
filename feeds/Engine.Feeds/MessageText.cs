namespace Engine.Feeds;

/// <summary>A venue's messages as text: what a market event has no room for. A cold path.</summary>
public abstract class MessageText
{
    /// <summary>The type, as the venue's specification writes it.</summary>
    /// <param name="message">A message as <see cref="MarketDataSource.TryGetMessage"/> gives it.</param>
    public abstract string Type(ReadOnlySpan<byte> message);

    /// <summary>The type counted in an entry of <see cref="FeedStatistics.MessagesByType"/>.</summary>
    /// <param name="entry">0 to 255.</param>
    public virtual string TypeName(int entry) => Letter(entry);

    /// <summary>A type that is a letter; in hexadecimal where the letter cannot be shown.</summary>
    public static string Letter(int entry) => entry is > 0x20 and < 0x7F
        ? ((char)entry).ToString()
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"0x{entry:x2}");

    /// <summary>The venue's numbers for instrument and message: ITCH's stock locate and tracking number, XDP's symbol index and
    /// symbol sequence number.</summary>
    /// <returns>False where the message has none.</returns>
    public virtual bool TryGetIds(ReadOnlySpan<byte> message, out long locate, out long tracking)
    {
        locate = tracking = 0;
        return false;
    }

    /// <summary>Writes <c>name=value;name=value</c>: every field that is neither in the event nor in the type and the ids.</summary>
    /// <param name="message">The message.</param>
    /// <param name="writer">Receives the text; nothing when there is no such field.</param>
    public abstract void Detail(ReadOnlySpan<byte> message, TextWriter writer);
}
