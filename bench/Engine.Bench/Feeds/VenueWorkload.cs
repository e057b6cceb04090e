using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Simulator;
using Engine.Simulator.Wire;

namespace Engine.Bench.Feeds;

/// <summary>
/// The first messages of a simulated day over 200 instruments in a venue's own packets, written as a nanosecond pcap with as many
/// messages a packet as asked for. The messages and their times are the day's; the packets' times are not.
/// </summary>
public static class VenueWorkload
{
    // A day is told in fewer messages on one venue than on another: this many more are simulated than are needed.
    private const double Reserve = 1.2;

    /// <summary>Writes a file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="venue">Whose messages and packets.</param>
    /// <param name="messages">How many.</param>
    /// <param name="perPacket">Most messages in a packet; fewer where they do not fit.</param>
    public static void Write(string path, Venue venue, int messages, int perPacket)
    {
        var options = new SimulationOptions { Seed = 1, Messages = (long)(messages * Reserve), Instruments = 200, Venue = venue };
        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var capture = new CaptureWriter(new PcapWriter(file), venue, 1, 1, default, options.Seed, midnight);
        IPacketSink sink = capture.Channels[0];
        Packetiser packets = venue switch
        {
            Venue.Xdp => new XdpPacketiser(sink, midnight),
            Venue.IexDeep => new IexPacketiser(sink, 1, midnight),
            _ => new MoldPacketiser(sink, Simulation.Session(options.Date)),
        };
        var repacker = new Repacker(packets, messages, perPacket);
        Simulation.Run(options, repacker);
        if (repacker.Count != messages)
        {
            throw new InvalidOperationException($"the day has {repacker.Count} messages, {messages} are needed; raise the reserve");
        }
    }

    /// <summary>Passes on the first messages at times that put so many of them into a packet.</summary>
    private sealed class Repacker(Packetiser packets, int limit, int perPacket) : IMessageSink
    {
        private const long StartNanos = 34_200_000_000_000;

        /// <summary>Messages passed on.</summary>
        public int Count { get; private set; }

        /// <inheritdoc/>
        public void Message(long timeNanos, ReadOnlySpan<byte> message)
        {
            if (Count < limit)
            {
                packets.Message(PacketTime, message);
                Count++;
            }
        }

        /// <inheritdoc/>
        public void Finish(long timeNanos) => packets.Finish(PacketTime);

        private long PacketTime => StartNanos + (Count / perPacket * 2 * Packetiser.HoldNanos);
    }
}
