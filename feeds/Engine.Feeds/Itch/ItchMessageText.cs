using System.Buffers.Binary;
using Engine.Feeds.Text;

namespace Engine.Feeds.Itch;

/// <summary>
/// The wire fields of an ITCH 5.0 message that a market event has no room for, as text. A cold path.
/// </summary>
public sealed class ItchMessageText : MessageText
{
    /// <summary>The one there is.</summary>
    public static ItchMessageText Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type(ReadOnlySpan<byte> message) => TypeOf(message).ToString();

    /// <inheritdoc/>
    public override bool TryGetIds(ReadOnlySpan<byte> message, out long locate, out long tracking)
    {
        locate = LocateOf(message);
        tracking = TrackingOf(message);
        return true;
    }

    /// <inheritdoc/>
    public override void Detail(ReadOnlySpan<byte> message, TextWriter writer) => WriteDetail(message, writer);

    /// <summary>The message's type letter; <c>\0</c> for an empty message.</summary>
    public static char TypeOf(ReadOnlySpan<byte> message) => message.IsEmpty ? '\0' : (char)message[0];

    /// <summary>The stock locate; 0 for a message too short to have one.</summary>
    public static int LocateOf(ReadOnlySpan<byte> message) =>
        message.Length < 3 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(message[1..]);

    /// <summary>The tracking number; 0 for a message too short to have one.</summary>
    public static int TrackingOf(ReadOnlySpan<byte> message) =>
        message.Length < 5 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(message[3..]);

    /// <summary>
    /// Writes <c>name=value;name=value</c>: every field that is neither in the event nor the type, locate or tracking. Letters
    /// without their trailing blanks, prices as exact decimals, whole numbers in decimal. Bytes that are not plain text show as
    /// <c>\x1f</c>; bytes behind the known layout as <c>extra=</c> in hexadecimal, the body of an unknown type as <c>body=</c>.
    /// </summary>
    /// <param name="message">The message without its length prefix.</param>
    /// <param name="writer">Receives the text; nothing when there is no such field.</param>
    public static void WriteDetail(ReadOnlySpan<byte> message, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (message.IsEmpty)
        {
            return;
        }

        FieldText.Write(
            message, ItchFields.Of((char)message[0]), ItchLayouts.WireLength(message[0]), ItchLayouts.Head, true, FieldText.NoScale, writer);
    }
}
