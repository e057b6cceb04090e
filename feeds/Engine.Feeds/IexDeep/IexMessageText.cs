using Engine.Feeds.Text;

namespace Engine.Feeds.IexDeep;

/// <summary>The wire fields of a DEEP message that a market event has no room for, as text. A cold path.</summary>
internal sealed class IexMessageText : MessageText
{
    /// <inheritdoc/>
    public override string Type(ReadOnlySpan<byte> message) => message.IsEmpty ? "" : ((char)message[0]).ToString();

    /// <inheritdoc/>
    public override void Detail(ReadOnlySpan<byte> message, TextWriter writer)
    {
        if (!message.IsEmpty)
        {
            FieldText.Write(
                message, IexLayouts.Fields(message[0]), IexLayouts.Of(message[0]).Length, 1, false, FieldText.NoScale, writer);
        }
    }
}
