using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Tests.IexDeep;
using Engine.Feeds.Tests.Xdp;
using Engine.Simulator;
using Engine.Simulator.Wire;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>A whole stream as its venue sends it: messages 1 to <see cref="Count"/>, and how they are put into packets.</summary>
internal sealed class TrueStream
{
    public const string Session = "2026010501";
    private static readonly Dictionary<(ulong, int), TrueStream> s_simulated = [];

    private readonly int[] _offsets;

    private TrueStream(Venue venue, byte[][] messages)
    {
        Venue = venue;
        Messages = messages;
        _offsets = new int[messages.Length + 1];
        for (int i = 0; i < messages.Length; i++)
        {
            _offsets[i + 1] = _offsets[i] + 2 + messages[i].Length;
        }
    }

    public Venue Venue { get; }

    public byte[][] Messages { get; }

    public int Count => Messages.Length;

    /// <summary>One past the last sequence.</summary>
    public ulong End => (ulong)Messages.Length + 1;

    /// <summary>A simulated day of ITCH.</summary>
    public static TrueStream Simulated(ulong seed, int messages = 3_000)
    {
        if (!s_simulated.TryGetValue((seed, messages), out TrueStream? stream))
        {
            Collector collector = new();
            Simulation.Run(new SimulationOptions { Seed = seed, Messages = messages, Instruments = 3, RatePerSecond = 2_000 }, collector);
            s_simulated[(seed, messages)] = stream = new TrueStream(Venue.Itch50, [.. collector.Messages]);
        }

        return stream;
    }

    /// <summary>ITCH adds, order n in message n.</summary>
    public static TrueStream Adds(int count) => new(Venue.Itch50, ItchBytes.Adds(1, count));

    public static TrueStream Xdp(int count) =>
        new(Venue.Xdp, [XdpBytes.Mapping(), XdpBytes.TimeReference(), .. XdpBytes.Adds(3, count - 2)]);

    public static TrueStream Iex(int count) =>
        new(Venue.IexDeep, [.. Enumerable.Range(1, count).Select(i => IexBytes.Level(i % 2 == 0 ? '8' : '5', (uint)i, 10_000 + (i % 50)))]);

    /// <summary>The packet of some messages; without any, a heartbeat that names the next.</summary>
    public byte[] Pack(ulong from, int count)
    {
        byte[][] messages = Messages[(int)(from - 1)..((int)from - 1 + count)];
        return Venue switch
        {
            Venue.Xdp => XdpBytes.Packet(count == 0 ? 1 : 11, (uint)from, messages),
            Venue.IexDeep => IexBytes.Segment((long)from, _offsets[from - 1], messages),
            _ => PcapWriter.Mold(Session, from, messages),
        };
    }

    /// <summary>Cuts the whole stream into packets of 1 to <paramref name="most"/> messages.</summary>
    public List<(ulong From, int Count)> Cut(SeededRandom random, int most = 8)
    {
        List<(ulong From, int Count)> packets = [];
        for (ulong at = 1; at < End;)
        {
            int count = (int)Math.Min((ulong)random.Next(at == 1 ? 3 : 1, most + 1), End - at);
            packets.Add((at, count));
            at += (ulong)count;
        }

        return packets;
    }

    private sealed class Collector : IMessageSink
    {
        public List<byte[]> Messages { get; } = [];

        public void Message(long timeNanos, ReadOnlySpan<byte> message) => Messages.Add(message.ToArray());

        public void Finish(long timeNanos)
        {
        }
    }
}
