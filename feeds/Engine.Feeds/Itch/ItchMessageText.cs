using System.Buffers.Binary;
using System.Globalization;

namespace Engine.Feeds.Itch;

/// <summary>
/// The wire fields of an ITCH 5.0 message that a market event has no room for, as text. A cold path.
/// </summary>
public static class ItchMessageText
{
    private const int HeadSize = 11;

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

        string separator = "";
        foreach (ItchField field in ItchFields.Of((char)message[0]))
        {
            if (field.Offset + field.Size <= message.Length)
            {
                writer.Write(separator);
                writer.Write(field.Name);
                writer.Write('=');
                WriteValue(message.Slice(field.Offset, field.Size), field.Form, writer);
                separator = ";";
            }
        }

        int known = ItchLayouts.WireLength(message[0]);
        int rest = known == 0 ? HeadSize : known;
        if (message.Length > rest)
        {
            writer.Write(separator);
            writer.Write(known == 0 ? "body=" : "extra=");
            writer.Write(Convert.ToHexStringLower(message[rest..]));
        }
    }

    private static void WriteValue(ReadOnlySpan<byte> bytes, ItchForm form, TextWriter writer)
    {
        if (form == ItchForm.Text)
        {
            WriteText(bytes.TrimEnd((byte)' '), writer);
            return;
        }

        ulong value = 0;
        foreach (byte b in bytes)
        {
            value = (value << 8) | b;
        }

        switch (form)
        {
            case ItchForm.Price4:
                writer.Write((value / 10_000m).ToString("0.####", CultureInfo.InvariantCulture));
                break;
            case ItchForm.Price8:
                writer.Write((value / 100_000_000m).ToString("0.########", CultureInfo.InvariantCulture));
                break;
            default:
                writer.Write(value.ToString(CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteText(ReadOnlySpan<byte> letters, TextWriter writer)
    {
        foreach (byte letter in letters)
        {
            if (letter is < 0x20 or > 0x7E or (byte)';' or (byte)'=' or (byte)',' or (byte)'"' or (byte)'\\')
            {
                writer.Write("\\x");
                writer.Write(letter.ToString("x2", CultureInfo.InvariantCulture));
            }
            else
            {
                writer.Write((char)letter);
            }
        }
    }
}
