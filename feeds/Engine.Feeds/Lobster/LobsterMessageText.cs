namespace Engine.Feeds.Lobster;

/// <summary>LOBSTER messages as text. A cold path.</summary>
public sealed class LobsterMessageText : MessageText
{
    private const int Columns = 6;

    private static readonly string[] s_names = ["", "", "venue_order_id", "size", "wire_price", "direction"];

    /// <summary>The one there is.</summary>
    public static LobsterMessageText Instance { get; } = new();

    /// <summary>The type's number.</summary>
    public override string Type(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> rest = Column(message, out _) < message.Length ? message[(Column(message, out _) + 1)..] : default;
        var text = new StringWriter();
        Write(rest[..Column(rest, out _)], text);
        return text.ToString();
    }

    /// <summary>Writes the message's columns but time and type as they are in the file, since the events may show its levels only;
    /// columns behind the known ones as <c>extra=</c>.</summary>
    public override void Detail(ReadOnlySpan<byte> message, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        message = message.TrimEnd((byte)'\r');
        for (int i = 0; i < Columns; i++)
        {
            int end = Column(message, out bool more);
            if (i > 1)
            {
                writer.Write(i > 2 ? ";" : "");
                writer.Write(s_names[i]);
                writer.Write('=');
                Write(message[..end], writer);
            }

            message = more ? message[(end + 1)..] : default;
        }

        if (message.Length > 0)
        {
            writer.Write(";extra=");
            Write(message, writer);
        }
    }

    private static int Column(ReadOnlySpan<byte> message, out bool more)
    {
        int comma = message.IndexOf((byte)',');
        more = comma >= 0;
        return more ? comma : message.Length;
    }

    private static void Write(ReadOnlySpan<byte> letters, TextWriter writer)
    {
        foreach (byte letter in letters)
        {
            if (letter is <= 0x20 or > 0x7E or (byte)';' or (byte)'=' or (byte)',' or (byte)'"' or (byte)'\\')
            {
                writer.Write("\\x");
                writer.Write(letter.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                writer.Write((char)letter);
            }
        }
    }
}
