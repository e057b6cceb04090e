using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// The heads of XDP messages, little-endian, and the channels they go out on. Most begin
/// <code>
///  0      2      4            8              12              16
///  +------+------+------------+--------------+---------------+------
///  | size | type | ns of the  | symbol index | number within | body…
///  | u16  | u16  | second u32 | u32          | the symbol    |
///  +------+------+------------+--------------+---------------+------
/// </code>
/// The second comes from the channel's latest source time reference (type 2), which precedes the first such message of each
/// second. Symbol indices are the locate numbers; instruments are spread over the channels in turn, and each channel is a
/// matching engine ("system") of its own.
/// Source: NYSE, Pillar Common Client Specification 2.4 (XDP 2.2 before it).
/// </summary>
internal sealed class XdpEnvelope
{
    private const int LongestMessage = 73;
    private const int BodyOffset = 16;
    private const long NanosPerSecond = 1_000_000_000;
    private readonly IMessageSink[] _channels;
    private readonly long _midnightUnixNanos;
    private readonly byte[] _buffer = new byte[LongestMessage];
    private readonly uint[] _numbers = new uint[SimulationOptions.InstrumentLimit + 1];
    private readonly long[] _seconds;

    /// <param name="channels">Where each channel's messages go.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public XdpEnvelope(IReadOnlyList<IMessageSink> channels, long midnightUnixNanos)
    {
        _channels = [.. channels];
        _seconds = new long[_channels.Length];
        _midnightUnixNanos = midnightUnixNanos;
    }

    /// <summary>The time that the next messages carry, nanoseconds since midnight US Eastern.</summary>
    public long TimeNanos { get; set; }

    /// <summary>Channels.</summary>
    public int ChannelCount => _channels.Length;

    /// <summary>Whole seconds of the time, since the Unix epoch.</summary>
    public uint UnixSeconds => (uint)(UnixNanos / NanosPerSecond);

    /// <summary>What is left of it, in nanoseconds.</summary>
    public uint Nanos => (uint)(UnixNanos % NanosPerSecond);

    private long UnixNanos => _midnightUnixNanos + TimeNanos;

    /// <summary>The number of a channel's matching engine.</summary>
    public static byte System(int channel) => (byte)(channel + 1);

    /// <summary>The channel of an instrument.</summary>
    public int ChannelOf(ushort locate) => (locate - 1) % _channels.Length;

    /// <summary>A message about an order, its number at 16.</summary>
    public Span<byte> OrderHead(ushort type, int size, ushort locate, ulong order)
    {
        Span<byte> m = SymbolHead(type, size, locate);
        BinaryPrimitives.WriteUInt64LittleEndian(m[BodyOffset..], order);
        return m;
    }

    /// <summary>A message about a trade, its number at 16.</summary>
    public Span<byte> TradeHead(ushort type, int size, ushort locate, ulong match)
    {
        Span<byte> m = SymbolHead(type, size, locate);
        BinaryPrimitives.WriteUInt32LittleEndian(m[BodyOffset..], (uint)match);
        return m;
    }

    /// <summary>A message about an instrument that carries its own seconds: seconds, nanoseconds, index, number, body at 20.</summary>
    public Span<byte> TimedHead(ushort type, int size, ushort locate)
    {
        Span<byte> m = Head(type, size);
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], UnixSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(m[8..], Nanos);
        WriteSymbol(m[12..], locate);
        return m;
    }

    /// <summary>A message of zeros behind its size and type; valid until the next one.</summary>
    public Span<byte> Head(ushort type, int size)
    {
        Span<byte> m = _buffer.AsSpan(0, size);
        m.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(m, (ushort)size);
        BinaryPrimitives.WriteUInt16LittleEndian(m[2..], type);
        return m;
    }

    /// <summary>Sends a message on a channel.</summary>
    public void SendOn(int channel, ReadOnlySpan<byte> message) => _channels[channel].Message(TimeNanos, message);

    /// <summary>Sends a message on its instrument's channel.</summary>
    public void Send(ushort locate, ReadOnlySpan<byte> message) => SendOn(ChannelOf(locate), message);

    /// <summary>Every channel ends.</summary>
    public void Finish(long timeNanos)
    {
        foreach (IMessageSink channel in _channels)
        {
            channel.Finish(timeNanos);
        }
    }

    private Span<byte> SymbolHead(ushort type, int size, ushort locate)
    {
        RefreshSecond(ChannelOf(locate));
        Span<byte> m = Head(type, size);
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], Nanos);
        WriteSymbol(m[8..], locate);
        return m;
    }

    private void WriteSymbol(Span<byte> m, ushort locate)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(m, locate);
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], ++_numbers[locate]);
    }

    // 2, 16 bytes, once a channel and second: the seconds that the messages with nanoseconds alone belong to.
    private void RefreshSecond(int channel)
    {
        if (_seconds[channel] == UnixSeconds)
        {
            return;
        }

        _seconds[channel] = UnixSeconds;
        Span<byte> m = Head(2, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], System(channel));
        BinaryPrimitives.WriteUInt32LittleEndian(m[12..], UnixSeconds);
        SendOn(channel, m);
    }
}
