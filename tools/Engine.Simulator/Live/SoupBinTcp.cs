using System.Text;

namespace Engine.Simulator.Live;

/// <summary>
/// SoupBinTCP's packets, big-endian:
/// <code>
///  0          2        3
///  +----------+--------+------------------
///  | length   | type   | payload            the length counts type and payload
///  +----------+--------+------------------
/// </code>
/// A login request holds user a6, password a10, session a10 and sequence (20 ASCII digits), in version 4.0 also the heartbeat's
/// interval (5 digits); an acceptance session a10 and sequence; a rejection one letter. Text is padded with spaces, on the
/// right in user and password, on the left in session and numbers. Source: NASDAQ SoupBinTCP 3.00 and 4.00 specifications.
/// </summary>
public static class SoupBinTcp
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeadLength = 3;

    /// <summary>Characters of a sequence.</summary>
    public const int SequenceLength = 20;

    /// <summary>Characters of a session.</summary>
    public const int SessionLength = 10;

    /// <summary>Characters of a user's name.</summary>
    public const int UserLength = 6;

    /// <summary>Characters of a password.</summary>
    public const int PasswordLength = 10;

    /// <summary>Payload of a login request.</summary>
    public const int LoginLength = UserLength + PasswordLength + SessionLength + SequenceLength;

    /// <summary>Payload of version 4.0's login request.</summary>
    public const int LongLoginLength = LoginLength + 5;

    /// <summary>Reads a sequence: digits, padded with spaces.</summary>
    /// <param name="text">The field.</param>
    /// <param name="sequence">The number.</param>
    /// <returns>False when it is no number of 64 bits.</returns>
    public static bool TryReadSequence(ReadOnlySpan<byte> text, out ulong sequence)
    {
        ReadOnlySpan<byte> digits = text.Trim((byte)' ');
        return ulong.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out sequence);
    }

    /// <summary>Reads a text field without its padding.</summary>
    /// <param name="text">The field.</param>
    public static string ReadText(ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(text.Trim((byte)' '));
}
