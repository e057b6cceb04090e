namespace Engine.Simulator.Wire;

/// <summary>ITCH alpha fields: ASCII, left-justified, padded with spaces, packed so that a big-endian write lays them out.</summary>
public static class ItchText
{
    /// <summary>Packs up to eight characters for an a8 field.</summary>
    /// <exception cref="ArgumentException">Longer than eight characters, or not printable ASCII.</exception>
    public static ulong Pack8(string text) => Pack(text, 8);

    /// <summary>Packs up to four characters for an a4 field.</summary>
    /// <exception cref="ArgumentException">Longer than four characters, or not printable ASCII.</exception>
    public static uint Pack4(string text) => (uint)Pack(text, 4);

    private static ulong Pack(string text, int width)
    {
        if (text.Length > width)
        {
            throw new ArgumentException($"'{text}' has {text.Length} characters; the field holds {width}", nameof(text));
        }

        ulong packed = 0;
        for (int i = 0; i < width; i++)
        {
            char c = i < text.Length ? text[i] : ' ';
            if (c is < ' ' or > '~')
            {
                throw new ArgumentException($"character {i} of '{text}' is not printable ASCII", nameof(text));
            }

            packed = (packed << 8) | c;
        }

        return packed;
    }
}
