namespace Engine.Feeds.Tests;

/// <summary>Writes classic pcap files, MoldUDP64 packets and ITCH messages byte by byte, for tests.</summary>
internal sealed class PcapWriter
{
    private readonly List<byte> _bytes = [];
    private readonly bool _nanos;
    private readonly bool _bigEndian;

    public PcapWriter(bool nanos = true, bool bigEndian = false, uint linkType = 1)
    {
        _nanos = nanos;
        _bigEndian = bigEndian;
        U32(nanos ? 0xA1B23C4D : 0xA1B2C3D4);
        U16(2);
        U16(4);
        U32(0);
        U32(0);
        U32(262_144);
        U32(linkType);
    }

    public byte[] ToArray() => [.. _bytes];

    public int Length => _bytes.Count;

    public PcapWriter Record(long time, byte[] frame, int? onWire = null)
    {
        U32((uint)(time / 1_000_000_000));
        U32((uint)(time % 1_000_000_000 / (_nanos ? 1 : 1_000)));
        U32((uint)frame.Length);
        U32((uint)(onWire ?? frame.Length));
        _bytes.AddRange(frame);
        return this;
    }

    public static byte[] Ethernet(byte[] ip, params ushort[] tags)
    {
        List<byte> frame = [1, 0, 94, 1, 1, 1, 2, 0, 0, 0, 0, 1];
        for (int i = 0; i < tags.Length; i++)
        {
            frame.AddRange(i == 0 && tags.Length > 1 ? [0x88, 0xA8] : new byte[] { 0x81, 0x00 });
            frame.AddRange(Big(tags[i], 2));
        }

        frame.AddRange(Big(ip[0] >> 4 == 4 ? 0x0800u : 0x86DDu, 2));
        return [.. frame, .. ip];
    }

    public static byte[] Ipv4(byte[] payload, byte protocol = 17, byte group = 1, int options = 0, ushort fragment = 0) =>
    [
        (byte)(0x45 + (options / 4)), 0, .. Big((ulong)(20 + options + payload.Length), 2), 0, 0, .. Big(fragment, 2), 64, protocol, 0, 0,
        10, 0, 0, 1, 233, 54, 12, group, .. new byte[options], .. payload,
    ];

    public static byte[] Ipv6(byte[] payload, byte next = 17) =>
        [0x60, 0, 0, 0, .. Big((ulong)payload.Length, 2), next, 64, .. new byte[16], 0xFF, 2, .. new byte[13], 9, .. payload];

    public static byte[] Udp(byte[] payload, ushort port = 26_477) =>
        [.. Big(4_000, 2), .. Big(port, 2), .. Big((ulong)(8 + payload.Length), 2), 0, 0, .. payload];

    public static byte[] Mold(string session, ulong sequence, params byte[][] messages) =>
        MoldCount(session, sequence, messages.Length, messages);

    public static byte[] MoldCount(string session, ulong sequence, int count, params byte[][] messages)
    {
        List<byte> packet = [.. System.Text.Encoding.ASCII.GetBytes(session.PadRight(10)), .. Big(sequence, 8), .. Big((ulong)count, 2)];
        foreach (byte[] message in messages)
        {
            packet.AddRange(Big((ulong)message.Length, 2));
            packet.AddRange(message);
        }

        return [.. packet];
    }

    /// <summary>A MoldUDP64 packet in an ordinary frame.</summary>
    public static byte[] Frame(byte[] mold, byte group = 1) => Ethernet(Ipv4(Udp(mold), group: group));

    public static byte[] Big(ulong value, int size)
    {
        byte[] bytes = new byte[size];
        for (int i = size - 1; i >= 0; i--, value >>= 8)
        {
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    public static byte[] Little(ulong value, int size)
    {
        byte[] bytes = Big(value, size);
        Array.Reverse(bytes);
        return bytes;
    }

    private void U16(uint value) => Put(value, 2);

    private void U32(uint value) => Put(value, 4);

    private void Put(uint value, int size)
    {
        byte[] big = Big(value, size);
        if (!_bigEndian)
        {
            Array.Reverse(big);
        }

        _bytes.AddRange(big);
    }
}
