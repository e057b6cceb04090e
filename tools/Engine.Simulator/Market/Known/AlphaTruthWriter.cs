using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Engine.Simulator.Market.Known;

/// <summary>
/// Writes what the best forecast needs, as csv with LF:
/// <code>
///   # {"truth":"alpha","strength":1,"tick":0.01,"jumps_per_s":2,"components":[{"name":"book","decay_s":8,…},…]}
///   time_ns,symbol,book,fast_flow,slow_flow
/// </code>
/// A row for each instrument when trading begins, whenever a value jumps, and when trading has stopped: Unix nanoseconds UTC, the symbol,
/// and the values (to 1e-6) from then on. One whose component has <c>"between_rows":"holds"</c> keeps its value until the next row, one that
/// <c>"fades"</c> falls by e^(-t/decay_s). Rows are in order of time.
/// </summary>
internal sealed class AlphaTruthWriter
{
    /// <summary>What stands before the head.</summary>
    public const string HeadMark = "# ";

    private const double TickDollars = 0.01;
    private readonly TextWriter _writer;
    private readonly long _midnightUnixNanos;

    /// <param name="writer">Where the rows go; the head is written at once.</param>
    /// <param name="model">The day's model.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, ns.</param>
    public AlphaTruthWriter(TextWriter writer, AlphaModel model, long midnightUnixNanos)
    {
        _writer = writer;
        _midnightUnixNanos = midnightUnixNanos;
        writer.Write($"{HeadMark}{Head(model)}\ntime_ns,symbol,{string.Join(',', model.Components.Select(c => c.Name))}\n");
    }

    /// <summary>Writes one row.</summary>
    /// <param name="nanos">Nanoseconds since midnight US Eastern.</param>
    /// <param name="symbol">The instrument.</param>
    /// <param name="values">Its values, in the model's order.</param>
    public void Write(long nanos, string symbol, ReadOnlySpan<double> values)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        _writer.Write(string.Create(invariant, $"{_midnightUnixNanos + nanos},{symbol}"));
        foreach (double value in values)
        {
            _writer.Write(string.Create(invariant, $",{value:0.######}"));
        }

        _writer.Write('\n');
    }

    private static string Head(AlphaModel model)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("truth", "alpha");
            json.WriteNumber("strength", model.Strength);
            json.WriteNumber("tick", TickDollars);
            json.WriteNumber("jumps_per_s", model.JumpsPerSecond);
            json.WriteStartArray("components");
            foreach (AlphaComponent component in model.Components)
            {
                json.WriteStartObject();
                json.WriteString("name", component.Name);
                json.WriteNumber("decay_s", component.DecaySeconds);
                json.WriteNumber("drift_ticks_per_s", component.DriftTicksPerSecond);
                json.WriteString("between_rows", component.OfTrades ? "fades" : "holds");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
