using System.Text;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;

namespace Engine.Fuzz.Generators;

/// <summary>pcapng files as a live run records them: two lines, answers, marks of the time and snapshots in pieces.</summary>
internal sealed class RecordingGenerator
{
    private const int MaxPackets = 40, Lines = 2, Replies = 2, Clock = 3, Snapshots = 4, MaxSnapshot = 4_096;
    private const long Start = 1_600_000_000_000_000_000;
    private static readonly string[] s_comments = [.. Comments()];

    private static readonly byte[][] s_interfaces =
    [
        JournalBlocks.Interface(JournalBlocks.RawIpv4, "a", ""), JournalBlocks.Interface(JournalBlocks.RawIpv4, "b", "line"),
        JournalBlocks.Interface(JournalBlocks.RawIpv4, RecordedInterface.Replies, ""), JournalBlocks.Interface(JournalBlocks.User0, RecordedInterface.Clock, "marks"),
        JournalBlocks.Interface(JournalBlocks.User0, RecordedInterface.Snapshot, "pieces"),
    ];

    private readonly MoldGenerator _packets = new();
    private readonly byte[] _snapshot = new byte[MaxSnapshot];
    private readonly byte[] _payload = new byte[MaxSnapshot];
    private readonly byte[] _datagram = new byte[JournalBlocks.DatagramHead + MaxSnapshot];
    private long _time;

    /// <summary>Bytes before the packets of the file written last.</summary>
    public int Head { get; private set; }

    /// <summary>Writes a file.</summary>
    /// <returns>Its bytes.</returns>
    public int Write(SeededRandom random, Span<byte> file)
    {
        ByteWriter writer = new(file);
        _packets.Reset();
        _time = Start;
        writer.Bytes(JournalBlocks.Section(s_comments[random.Chance(0.8) ? random.Next(4) : random.Next(s_comments.Length)]));
        for (int i = 0; i < s_interfaces.Length; i++)
        {
            writer.Bytes(s_interfaces[random.Chance(0.99) ? i : random.Next(s_interfaces.Length)]);
        }

        Head = writer.Length;
        for (int i = random.Next(MaxPackets); i > 0; i--)
        {
            _time += random.Next(400_000);
            Packet(random, ref writer);
        }

        return writer.Length;
    }

    private static IEnumerable<string> Comments()
    {
        string[] policies =
        [
            "wait_ns=1000000,several_lines=0,requests=2,timeout_ns=100000,snapshots=1", "wait_ns=0,several_lines=0,requests=0,timeout_ns=0,snapshots=1",
            GapPolicy.Merging.ToString(), "wait_ns=60000000000,several_lines=1,requests=1000,timeout_ns=60000000000,snapshots=1", "",
            "wait_ns=60000000001,several_lines=0,requests=0,timeout_ns=0,snapshots=0", "wait_ns=-1,several_lines=0,requests=0,timeout_ns=0,snapshots=0",
            "wait_ns=1,several_lines=2,requests=0,timeout_ns=0,snapshots=0", "wait_ns=1,several_lines=0,requests=4294967296,timeout_ns=0,snapshots=0",
            "wait_ns= 1,several_lines=0,requests=0,timeout_ns=0,snapshots=0", "wait_ns=1,several_lines=0,requests=0,timeout_ns=0", "wait_ns=1,,,,,,,,",
            "wait_ns=99999999999999999999,several_lines=0,requests=0,timeout_ns=0,snapshots=0", "wait_ns=\u0661,several_lines=0,requests=0,timeout_ns=0,snapshots=0",
        ];
        return policies.Select(policy => RecordedInterface.CommentPrefix + policy).Append("no recording");
    }

    private void Packet(SeededRandom random, ref ByteWriter writer)
    {
        switch (random.Next(12))
        {
            case 0:
                Block(ref writer, Clock, []);
                break;
            case 1:
                Pieces(random, ref writer);
                break;
            case 2:
                Datagram(ref writer, Replies, _packets.WriteAgain(random, _payload, (ulong)random.Next(1, 60), random.Next(1, 9)));
                break;
            default:
                int length = _packets.Write(random, _payload);
                Datagram(ref writer, random.Next(Lines), length);
                break;
        }
    }

    /// <summary>A snapshot, cut anywhere; now and then a piece is missing.</summary>
    private void Pieces(SeededRandom random, ref ByteWriter writer)
    {
        int length = SnapshotGenerator.Write(random, _snapshot, _packets.Next, false);
        for (int at = 0; at < length;)
        {
            int piece = Math.Min(length - at, random.Next(1, random.Chance(0.3) ? 20 : 400));
            if (random.Chance(0.99))
            {
                Block(ref writer, Snapshots, _snapshot.AsSpan(at, piece));
            }

            at += piece;
        }
    }

    private unsafe void Datagram(ref ByteWriter writer, int line, int length)
    {
        Span<byte> packet = _datagram.AsSpan(0, JournalBlocks.DatagramHead + length);

        // SAFETY: the span has room for the head.
        fixed (byte* head = packet)
        {
            JournalBlocks.WriteDatagramHead(head, 0x0A000001, 4_000, 0xE9360C00 | (uint)line, 26_477, length);
        }

        _payload.AsSpan(0, length).CopyTo(packet[JournalBlocks.DatagramHead..]);
        Block(ref writer, line, packet);
    }

    private unsafe void Block(ref ByteWriter writer, int line, ReadOnlySpan<byte> packet)
    {
        // SAFETY: the span has room for the head, as its slice checks.
        fixed (byte* head = writer.Rest[..JournalBlocks.PacketHead])
        {
            JournalBlocks.WritePacketHead(head, line, _time, packet.Length, packet.Length);
        }

        writer.Skip(JournalBlocks.PacketHead);
        writer.Bytes(packet);
        writer.Bytes("\0\0\0"u8[..(-packet.Length & 3)]);
        writer.Little32((uint)JournalBlocks.Size(packet.Length));
    }
}
