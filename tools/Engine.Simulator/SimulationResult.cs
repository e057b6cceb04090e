using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>What a simulated day came to.</summary>
/// <param name="Messages">Messages written by the exchange, lost ones included.</param>
/// <param name="MessagesByType">Count of each type that occurs, in ordinal order: ITCH and DEEP types are characters, XDP's numbers.</param>
/// <param name="MessagesByInstrument">What the exchange told of each instrument, in ITCH messages whatever the venue, most active
/// first as listed.</param>
/// <param name="Packets">Packets in the capture over all lines; 0 for BinaryFILE.</param>
/// <param name="Faults">What the lines did to packets.</param>
/// <param name="FirstUnixNanos">Exchange time of the first message, Unix nanoseconds UTC.</param>
/// <param name="LastUnixNanos">Exchange time of the last message, Unix nanoseconds UTC.</param>
/// <param name="Bytes">Bytes before any compression.</param>
/// <param name="Sha256">SHA-256 of those bytes, lower-case hexadecimal.</param>
public sealed record SimulationResult(
    long Messages,
    IReadOnlyList<(string Type, long Count)> MessagesByType,
    IReadOnlyList<(string Symbol, long Count)> MessagesByInstrument,
    long Packets,
    LineFaultCounts Faults,
    long FirstUnixNanos,
    long LastUnixNanos,
    long Bytes,
    string Sha256)
{
    /// <summary>Packets that the lines lost.</summary>
    public long LostPackets => Faults.Lost;

    /// <summary>Exchange time from first to last message, seconds.</summary>
    public double Seconds => (LastUnixNanos - FirstUnixNanos) * 1e-9;
}
