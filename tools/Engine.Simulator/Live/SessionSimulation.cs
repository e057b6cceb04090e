using Engine.Core.Events;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>Simulates the day of a live venue onto a tape.</summary>
internal static class SessionSimulation
{
    private const long PacedHoldNanos = 100_000;

    /// <summary>Simulates a session.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="session">Its name; null for the day's own.</param>
    public static Publication Run(SimulatedVenueOptions options, string? session)
    {
        ISessionProtocol protocol = options.Day.Venue switch
        {
            Venue.Xdp => new XdpSession(),
            Venue.IexDeep => new IexSession(),
            _ => new MoldSession(session ?? Simulation.Session(options.Day.Date)),
        };
        var tape = new PacketTape(protocol);
        if (options.Day.Venue == Venue.Itch50)
        {
            // Paced before it is packed, so that packets are as full at a high rate as those of a busy exchange.
            long hold = options.Hold is TimeSpan given ? given.Ticks * TimeSpan.NanosecondsPerTick
                : options.MessagesPerSecond is null ? Packetiser.HoldNanos
                : PacedHoldNanos;
            var packetiser = new MoldPacketiser(tape, protocol.Session, hold);
            Simulation.Run(options.Day, new PacedMessages(packetiser, options.MessagesPerSecond, options.Speed));
        }
        else
        {
            // The head of such a packet tells the time, which must stay the day's.
            Simulation.Run(options.Day, [new PacedPackets(tape, protocol, options.MessagesPerSecond, options.Speed)]);
        }

        return new Publication(protocol, tape);
    }
}
