using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Signals;

namespace Engine.Tests.Features;

/// <summary>A row as the pipeline gave it.</summary>
internal sealed record CollectedRow(RowStamp Stamp, MarketEvent Event, float[] Values);

/// <summary>Keeps every row.</summary>
internal readonly struct RowCollector(List<CollectedRow> rows) : IRowHandler
{
    public List<CollectedRow> Rows => rows;

    public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => rows.Add(new CollectedRow(stamp, e, row.ToArray()));
}

/// <summary>Pipelines that keep their rows.</summary>
internal static class Pipelines
{
    public static readonly EngineLimits Limits = new() { Instruments = 16, Orders = 4_096, Levels = 2_048, LevelsPerSide = 512, WindowTrades = 1 << 16 };

    public static Sampling Rule(string text) => Sampling.TryParse(text, out Sampling sampling) ? sampling : throw new ArgumentException(text);

    public static Pipeline<RowCollector> Collecting(string contract, string sampling) => new(
        Limits,
        FeatureSet.Create(contract, Rule(sampling), Limits),
        new RowCollector([]),
        new StageTimer { Enabled = false });
}
