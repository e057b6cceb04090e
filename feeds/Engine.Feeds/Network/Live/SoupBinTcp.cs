using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Engine.Feeds.Network.Live;

/// <summary>What <see cref="SoupBinTcp.TryRead"/> found.</summary>
internal enum SoupResult
{
    /// <summary>A whole packet.</summary>
    Packet,

    /// <summary>The bytes end within a packet.</summary>
    Incomplete,

    /// <summary>A length of 0, which leaves no room for a type: what follows cannot be framed.</summary>
    Invalid,
}

/// <summary>One packet, over the bytes it was read from.</summary>
internal readonly ref struct SoupPacket
{
    /// <param name="type">One of <see cref="SoupBinTcp"/>'s letters, or an unknown one.</param>
    /// <param name="payload">What follows it.</param>
    public SoupPacket(byte type, ReadOnlySpan<byte> payload)
    {
        Type = type;
        Payload = payload;
    }

    /// <summary>The letter.</summary>
    public byte Type { get; }

    /// <summary>What follows it; may be empty.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}

/// <summary>
/// SoupBinTCP packets to and from bytes.
/// </summary>
/// <remarks>
/// <code>
/// 0          2       3                 2 + length
/// +----------+-------+-----------------+
/// | length   | type  | payload         |     length big-endian: the type's byte and the payload's
/// +----------+-------+-----------------+
/// server  +  debug text          A  login accepted: session a10, next sequence a20      J  rejected: reason a1 (A, S)
///         S  sequenced message   U  unsequenced message     H  heartbeat                Z  end of session
/// client  L  login: user a6, password a10, session a10, sequence a20
///         R  heartbeat           O  logout
/// </code>
/// User and password are padded on the right, session and numbers (ASCII digits) on the left. Layout: NASDAQ, SoupBinTCP 3.00.
/// </remarks>
internal static class SoupBinTcp
{
    /// <summary>Debug text, either way.</summary>
    public const byte Debug = (byte)'+';

    /// <summary>The server accepts the login.</summary>
    public const byte LoginAccepted = (byte)'A';

    /// <summary>The server rejects the login.</summary>
    public const byte LoginRejected = (byte)'J';

    /// <summary>A message of the session.</summary>
    public const byte Sequenced = (byte)'S';

    /// <summary>A message beside the session.</summary>
    public const byte Unsequenced = (byte)'U';

    /// <summary>The server lives.</summary>
    public const byte ServerHeartbeat = (byte)'H';

    /// <summary>The session is over.</summary>
    public const byte EndOfSession = (byte)'Z';

    /// <summary>The client logs in.</summary>
    public const byte Login = (byte)'L';

    /// <summary>The client lives.</summary>
    public const byte ClientHeartbeat = (byte)'R';

    /// <summary>The client leaves.</summary>
    public const byte Logout = (byte)'O';

    /// <summary>Bytes of length and type.</summary>
    public const int HeadSize = 3;

    /// <summary>Most bytes of a packet, its length included.</summary>
    public const int MaxPacket = 2 + ushort.MaxValue;

    /// <summary>Most bytes of a payload.</summary>
    public const int MaxPayload = ushort.MaxValue - 1;

    /// <summary>Letters of a user, a password and a session, digits of a sequence.</summary>
    public const int UserSize = 6, PasswordSize = 10, SessionSize = 10, SequenceSize = 20;

    /// <summary>Bytes of a login packet.</summary>
    public const int LoginSize = HeadSize + UserSize + PasswordSize + SessionSize + SequenceSize;

    /// <summary>Reads the packet that some bytes begin with.</summary>
    /// <param name="bytes">From a packet's first byte on.</param>
    /// <param name="packet">The packet, over those bytes.</param>
    /// <param name="consumed">Bytes of it; 0 unless there was one.</param>
    public static SoupResult TryRead(ReadOnlySpan<byte> bytes, out SoupPacket packet, out int consumed)
    {
        packet = default;
        consumed = 0;
        if (bytes.Length < 2)
        {
            return SoupResult.Incomplete;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (length == 0)
        {
            return SoupResult.Invalid;
        }

        if (bytes.Length < 2 + length)
        {
            return SoupResult.Incomplete;
        }

        packet = new SoupPacket(bytes[2], bytes[HeadSize..(2 + length)]);
        consumed = 2 + length;
        return SoupResult.Packet;
    }

    /// <summary>Writes a packet; returns its bytes.</summary>
    /// <exception cref="ArgumentException">No room for it, or a payload above <see cref="MaxPayload"/>.</exception>
    public static int Write(Span<byte> to, byte type, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPayload || to.Length < HeadSize + payload.Length)
        {
            throw new ArgumentException($"A payload of {payload.Length} bytes (at most {MaxPayload}) does not go into {to.Length} bytes.", nameof(payload));
        }

        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)(1 + payload.Length));
        to[2] = type;
        payload.CopyTo(to[HeadSize..]);
        return HeadSize + payload.Length;
    }

    /// <summary>Writes a login; returns its bytes, <see cref="LoginSize"/>.</summary>
    /// <param name="to">Room for them.</param>
    /// <param name="user">Up to <see cref="UserSize"/> letters of ASCII.</param>
    /// <param name="password">Up to <see cref="PasswordSize"/>.</param>
    /// <param name="session">Up to <see cref="SessionSize"/>; empty asks for the current session.</param>
    /// <param name="sequence">The first message wanted; 0 asks for the next only.</param>
    /// <exception cref="ArgumentException">A text too long, or no room.</exception>
    public static int WriteLogin(Span<byte> to, string user, string password, string session, ulong sequence)
    {
        Span<byte> payload = stackalloc byte[LoginSize - HeadSize];
        payload.Fill((byte)' ');
        PutLeft(payload[..UserSize], user);
        PutLeft(payload.Slice(UserSize, PasswordSize), password);
        PutSession(payload.Slice(UserSize + PasswordSize, SessionSize), session);
        PutNumber(payload[^SequenceSize..], sequence);
        return Write(to, Login, payload);
    }

    /// <summary>Writes the acceptance of a login, as servers do; returns its bytes.</summary>
    public static int WriteLoginAccepted(Span<byte> to, string session, ulong sequence)
    {
        Span<byte> payload = stackalloc byte[SessionSize + SequenceSize];
        payload.Fill((byte)' ');
        PutSession(payload[..SessionSize], session);
        PutNumber(payload[^SequenceSize..], sequence);
        return Write(to, LoginAccepted, payload);
    }

    /// <summary>Whether a text goes into a field: ASCII from the blank on, and not too long.</summary>
    public static bool Fits(string text, int size) => text.Length <= size && text.All(c => c is >= ' ' and <= '~');

    /// <summary>Reads a number of ASCII digits between blanks.</summary>
    /// <returns>False for anything else, and for a number above 64 bits.</returns>
    public static bool TryNumber(ReadOnlySpan<byte> field, out ulong number)
    {
        ReadOnlySpan<byte> digits = field.Trim((byte)' ');
        return Utf8Parser.TryParse(digits, out number, out int used) && used == digits.Length && digits[0] is >= (byte)'0' and <= (byte)'9';
    }

    /// <summary>Writes a number at the right end of a field of blanks.</summary>
    public static void PutNumber(Span<byte> field, ulong number)
    {
        for (int at = field.Length - 1; at >= 0; at--)
        {
            field[at] = (byte)('0' + (number % 10));
            number /= 10;
            if (number == 0)
            {
                return;
            }
        }
    }

    private static void PutLeft(Span<byte> field, string text) => Encoding.ASCII.GetBytes(text, field);

    private static void PutSession(Span<byte> field, string text) => Encoding.ASCII.GetBytes(text, field[Math.Max(field.Length - text.Length, 0)..]);
}
