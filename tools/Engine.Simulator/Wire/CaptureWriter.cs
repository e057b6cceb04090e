using Engine.Core.Events;

namespace Engine.Simulator.Wire;

/// <summary>Carries the packets of a venue's channels over one or two lines into one pcap file, in the order of their receive times.</summary>
public sealed class CaptureWriter
{
    private const long LatencyANanos = 3_200, LatencyBNanos = 3_900;

    private readonly PcapWriter _pcap;
    private readonly Channel[] _channels;
    private readonly CaptureLine[] _lines;
    private readonly long _midnightUnixNanos;
    private int _openChannels;

    /// <param name="pcap">The file.</param>
    /// <param name="venue">Whose packets they are.</param>
    /// <param name="channels">Channels of the venue.</param>
    /// <param name="lines">1 for line A alone, 2 for A and B.</param>
    /// <param name="faults">What may happen to the packets of each line.</param>
    /// <param name="seed">Seed of jitter and faults.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public CaptureWriter(PcapWriter pcap, Venue venue, int channels, int lines, LineFaults faults, ulong seed, long midnightUnixNanos)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lines, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lines, ChannelGroups.LineLimit);
        _pcap = pcap;
        _midnightUnixNanos = midnightUnixNanos;
        _openChannels = channels;
        _channels = new Channel[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            var ways = new CaptureLine[lines];
            for (int line = 0; line < lines; line++)
            {
                long latency = line == 0 ? LatencyANanos : LatencyBNanos;
                int index = (channel * ChannelGroups.LineLimit) + line;
                ways[line] = new CaptureLine(ChannelGroups.Frame(venue, channel, line), latency, faults, seed, index);
            }

            _channels[channel] = new Channel(this, ways);
        }

        _lines = [.. _channels.SelectMany(channel => channel.Lines)];
    }

    /// <summary>Where each channel's packets go; a channel's own are in the order of their times.</summary>
    public IReadOnlyList<IPacketSink> Channels => _channels;

    /// <summary>Packets written so far, over all lines.</summary>
    public long WrittenCount { get; private set; }

    /// <summary>What has happened to packets so far, over all lines.</summary>
    public LineFaultCounts Faults => _lines.Aggregate(default(LineFaultCounts), (sum, line) => sum + line.Counts);

    // A frame is safe to write while no line can still bring an earlier one.
    private void WriteSettled()
    {
        long settled = long.MaxValue;
        foreach (CaptureLine line in _lines)
        {
            settled = Math.Min(settled, line.SettledNanos);
        }

        WriteUntil(settled);
    }

    private void FinishOne()
    {
        if (--_openChannels == 0)
        {
            WriteUntil(long.MaxValue);
            _pcap.Flush();
        }
    }

    private void WriteUntil(long settledNanos)
    {
        while (Earliest() is CaptureLine line && line.NextNanos <= settledNanos)
        {
            (long timeNanos, byte[] frame) = line.Take();
            _pcap.Write(_midnightUnixNanos + timeNanos, frame);
            WrittenCount++;
        }
    }

    private CaptureLine? Earliest()
    {
        CaptureLine? earliest = null;
        foreach (CaptureLine line in _lines)
        {
            if (line.HasWaiting && (earliest is null || line.NextNanos < earliest.NextNanos))
            {
                earliest = line;
            }
        }

        return earliest;
    }

    /// <summary>One channel's packets, each carried by all lines.</summary>
    private sealed class Channel(CaptureWriter writer, CaptureLine[] lines) : IPacketSink
    {
        /// <summary>The lines.</summary>
        public CaptureLine[] Lines => lines;

        /// <inheritdoc/>
        public void Packet(long timeNanos, ReadOnlySpan<byte> payload)
        {
            foreach (CaptureLine line in lines)
            {
                line.Carry(timeNanos, payload);
            }

            writer.WriteSettled();
        }

        /// <inheritdoc/>
        public void Finish() => writer.FinishOne();
    }
}
