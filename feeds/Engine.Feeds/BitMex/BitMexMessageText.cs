using System.Globalization;
using System.Text.Json;

namespace Engine.Feeds.BitMex;

/// <summary>BitMEX messages as text: the row behind an event, or the whole message where none is. Lines are read one at a time, so the
/// type is that of the line at hand.</summary>
internal sealed class BitMexMessageText(BitMexTables tables) : MessageText
{
    /// <summary>Bytes shown of a message that is no JSON.</summary>
    private const int MostMalformed = 200;

    private const int FirstLine = 200;

    /// <summary>The entry of the line at hand: of its message, or <see cref="LineEntry"/>.</summary>
    public int Current { get; set; }

    /// <summary>The entry of a line that is no message received.</summary>
    public static int LineEntry(BitMexLineKind kind) => FirstLine + (int)kind;

    /// <inheritdoc/>
    public override string Type(ReadOnlySpan<byte> message) => TypeName(Current);

    /// <inheritdoc/>
    public override string TypeName(int entry) =>
        entry >= FirstLine ? ((BitMexLineKind)(entry - FirstLine)).ToString().ToLowerInvariant() : tables.Name(entry);

    /// <inheritdoc/>
    public override void Detail(ReadOnlySpan<byte> message, TextWriter writer)
    {
        if (Current >= FirstLine || message.IsEmpty || message[0] != (byte)'{')
        {
            WriteReason(message, writer);
            return;
        }

        if (!IsJson(message))
        {
            writer.Write("malformed=");
            WriteLetters(message[..Math.Min(message.Length, MostMalformed)], writer);
            return;
        }

        Utf8JsonReader reader = new(message);
        reader.Read();
        string separator = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            reader.Read();
            if (IsInEvent(name))
            {
                reader.Skip();
                continue;
            }

            writer.Write(separator);
            WriteLetters(name, writer);
            writer.Write('=');
            WriteValue(ref reader, writer);
            separator = ";";
        }
    }

    /// <summary>A gap stands for a message that could not be read: its text is shown as it is, up to a length.</summary>
    private static unsafe bool IsJson(ReadOnlySpan<byte> message)
    {
        BitMexMessage parts = BitMexMessage.None;
        fixed (byte* start = message)
        {
            // SAFETY: the span is pinned through the call, which stays inside it.
            return JsonScan.Check(start, message.Length, ref parts) == JsonState.Good;
        }
    }

    private static void WriteReason(ReadOnlySpan<byte> text, TextWriter writer)
    {
        if (!text.IsEmpty && text[0] != (byte)'[')
        {
            writer.Write("reason=");
            WriteLetters(text, writer);
        }
    }

    private static bool IsInEvent(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("symbol"u8) || name.SequenceEqual("timestamp"u8) || name.SequenceEqual("id"u8) || name.SequenceEqual("side"u8)
        || name.SequenceEqual("size"u8) || name.SequenceEqual("price"u8) || name.SequenceEqual("table"u8) || name.SequenceEqual("action"u8);

    /// <summary>A value as it stands; of a nested one only how long it is.</summary>
    private static void WriteValue(ref Utf8JsonReader reader, TextWriter writer)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            char open = reader.TokenType == JsonTokenType.StartArray ? '[' : '{';
            long start = reader.TokenStartIndex;
            reader.Skip();
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{open}{reader.BytesConsumed - start} bytes{(open == '[' ? ']' : '}')}"));
            return;
        }

        WriteLetters(reader.ValueSpan, writer);
    }

    private static void WriteLetters(ReadOnlySpan<byte> letters, TextWriter writer)
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
