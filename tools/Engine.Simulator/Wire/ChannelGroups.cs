using Engine.Core.Events;

namespace Engine.Simulator.Wire;

/// <summary>The multicast groups of a venue's channels and lines: addresses of the simulation, which no venue uses for both.</summary>
public static class ChannelGroups
{
    /// <summary>Most lines of one channel.</summary>
    public const int LineLimit = 2;

    /// <summary>UDP port of ITCH.</summary>
    public const ushort ItchPort = 26_477;

    /// <summary>UDP port of XDP.</summary>
    public const ushort XdpPort = 11_077;

    /// <summary>UDP port of DEEP.</summary>
    public const ushort DeepPort = 10_378;

    // Line A from 10.20.30.1, line B from 10.20.31.1.
    private const uint SourceA = 0x0A14_1E01, SourceB = 0x0A14_1F01;

    // 233.54.12.111 and 233.49.196.111.
    private const uint ItchGroupA = 0xE936_0C6F, ItchGroupB = 0xE931_C46F;

    // 224.0.59.65 and 224.0.59.193, and from there on by channel.
    private const uint XdpGroupA = 0xE000_3B41, XdpGroupB = 0xE000_3BC1;

    // 233.215.21.241 and 233.215.21.129.
    private const uint DeepGroupA = 0xE9D7_15F1, DeepGroupB = 0xE9D7_1581;

    /// <summary>Where a line's packets go.</summary>
    /// <param name="venue">Whose they are.</param>
    /// <param name="channel">From 0; venues but XDP have one.</param>
    /// <param name="line">0 for A, 1 for B.</param>
    public static MulticastFrame Frame(Venue venue, int channel, int line)
    {
        (uint groupA, uint groupB, ushort port) = venue switch
        {
            Venue.Xdp => (XdpGroupA, XdpGroupB, XdpPort),
            Venue.IexDeep => (DeepGroupA, DeepGroupB, DeepPort),
            _ => (ItchGroupA, ItchGroupB, ItchPort),
        };
        return line == 0 ? new(SourceA, groupA + (uint)channel, port) : new(SourceB, groupB + (uint)channel, port);
    }
}
