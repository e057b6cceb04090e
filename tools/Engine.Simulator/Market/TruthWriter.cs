using System.Globalization;

namespace Engine.Simulator.Market;

/// <summary>
/// Writes the hidden pressure as csv with the header <c>time_ns,symbol,pressure</c>: Unix nanoseconds UTC, the symbol, and the
/// pressure (shortest round-trip decimals) that holds from then on for <see cref="PressureProcess.StepNanos"/>. Rows are in
/// order of time, then of locate number.
/// </summary>
public sealed class TruthWriter
{
    private readonly TextWriter _writer;
    private readonly long _midnightUnixNanos;

    /// <param name="writer">Where the rows go; the header is written at once; lines end in LF.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public TruthWriter(TextWriter writer, long midnightUnixNanos)
    {
        _writer = writer;
        _midnightUnixNanos = midnightUnixNanos;
        _writer.Write("time_ns,symbol,pressure\n");
    }

    /// <summary>Writes one row.</summary>
    /// <param name="timeNanos">Nanoseconds since midnight US Eastern.</param>
    /// <param name="symbol">The instrument's symbol.</param>
    /// <param name="pressure">Its pressure.</param>
    public void Write(long timeNanos, string symbol, double pressure) =>
        _writer.Write(string.Create(CultureInfo.InvariantCulture, $"{_midnightUnixNanos + timeNanos},{symbol},{pressure:R}\n"));
}
