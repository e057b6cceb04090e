using Engine.Core.Numerics;

namespace Engine.Simulator.Wire;

/// <summary>Carries packets over one or two lines into one pcap file, in the order of their receive times.</summary>
public sealed class CaptureWriter : IPacketSink
{
    /// <summary>Most lines of one capture.</summary>
    public const int LineLimit = 2;

    /// <summary>UDP port of both lines.</summary>
    public const ushort Port = 26_477;

    // Line A 233.54.12.111 from 10.20.30.1; line B 233.49.196.111 from 10.20.31.1, a little later.
    private const uint GroupA = 0xE936_0C6F, SourceA = 0x0A14_1E01;
    private const uint GroupB = 0xE931_C46F, SourceB = 0x0A14_1F01;
    private const long LatencyANanos = 3_200, LatencyBNanos = 3_900;

    private readonly PcapWriter _pcap;
    private readonly CaptureLine[] _lines;
    private readonly long _midnightUnixNanos;

    /// <param name="pcap">The file.</param>
    /// <param name="lines">1 for line A alone, 2 for A and B.</param>
    /// <param name="loss">Probability that a line loses a packet.</param>
    /// <param name="seed">Seed of jitter and loss.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public CaptureWriter(PcapWriter pcap, int lines, double loss, ulong seed, long midnightUnixNanos)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lines, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lines, LineLimit);
        _pcap = pcap;
        _midnightUnixNanos = midnightUnixNanos;
        _lines = new CaptureLine[lines];
        for (int i = 0; i < lines; i++)
        {
            MulticastFrame frame = i == 0 ? new(SourceA, GroupA, Port) : new(SourceB, GroupB, Port);
            SeededRandom jitter = RandomStreams.Create(seed, RandomStream.Jitter, i);
            SeededRandom lossDraws = RandomStreams.Create(seed, RandomStream.Loss, i);
            _lines[i] = new CaptureLine(frame, i == 0 ? LatencyANanos : LatencyBNanos, loss, jitter, lossDraws);
        }
    }

    /// <summary>Packets written so far, over all lines.</summary>
    public long WrittenCount { get; private set; }

    /// <summary>Packets lost so far, over all lines.</summary>
    public long LostCount => _lines.Sum(line => line.LostCount);

    /// <inheritdoc/>
    public void Packet(long timeNanos, ReadOnlySpan<byte> payload)
    {
        foreach (CaptureLine line in _lines)
        {
            line.Carry(timeNanos, payload);
        }

        // Safe to write the earliest frame only while every line has one, for a line's later frames come later.
        while (Array.TrueForAll(_lines, line => line.HasWaiting))
        {
            WriteEarliest();
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        while (Array.Exists(_lines, line => line.HasWaiting))
        {
            WriteEarliest();
        }

        _pcap.Flush();
    }

    private void WriteEarliest()
    {
        CaptureLine? earliest = null;
        foreach (CaptureLine line in _lines)
        {
            if (line.HasWaiting && (earliest is null || line.NextNanos < earliest.NextNanos))
            {
                earliest = line;
            }
        }

        (long timeNanos, byte[] frame) = earliest!.Take();
        _pcap.Write(_midnightUnixNanos + timeNanos, frame);
        WrittenCount++;
    }
}
