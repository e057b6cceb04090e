namespace Engine.Feeds.BitMex;

/// <summary>Tells a BitMEX session's lines from other text.</summary>
internal static unsafe class BitMexProbe
{
    /// <summary>Whether the first line that is not empty has one of the forms of <see cref="BitMexLineText"/>; a message must begin as
    /// JSON does. A first line that is longer than the head is judged by what is there.</summary>
    public static bool IsOne(ReadOnlySpan<byte> head)
    {
        head = head.TrimStart("\r\n"u8);
        int end = head.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (end < 0 ? head : head[..end]).TrimEnd((byte)'\r');

        // SAFETY: the line is pinned while it is looked at.
        fixed (byte* text = line)
        {
            return BitMexLineText.TryParse(text, line.Length, out BitMexLineText parts)
                && (parts.Kind is not (BitMexLineKind.Received or BitMexLineKind.Sent)
                    || (parts.Length > 0 && *parts.Data is (byte)'{' or (byte)'['));
        }
    }
}
