namespace Engine.Simulator;

/// <summary>What a simulated day came to.</summary>
/// <param name="Messages">Messages written by the exchange, lost ones included.</param>
/// <param name="MessagesByType">Count of each ITCH type that occurs, by type character in ordinal order.</param>
/// <param name="MessagesByInstrument">Count of each instrument, most active first as listed.</param>
/// <param name="Packets">Packets in the capture over all lines; 0 for BinaryFILE.</param>
/// <param name="LostPackets">Packets that the lines lost.</param>
/// <param name="FirstUnixNanos">Exchange time of the first message, Unix nanoseconds UTC.</param>
/// <param name="LastUnixNanos">Exchange time of the last message, Unix nanoseconds UTC.</param>
/// <param name="Bytes">Bytes before any compression.</param>
/// <param name="Sha256">SHA-256 of those bytes, lower-case hexadecimal.</param>
public sealed record SimulationResult(
    long Messages,
    IReadOnlyList<(char Type, long Count)> MessagesByType,
    IReadOnlyList<(string Symbol, long Count)> MessagesByInstrument,
    long Packets,
    long LostPackets,
    long FirstUnixNanos,
    long LastUnixNanos,
    long Bytes,
    string Sha256)
{
    /// <summary>Exchange time from first to last message, seconds.</summary>
    public double Seconds => (LastUnixNanos - FirstUnixNanos) * 1e-9;
}
