using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Signals;

namespace Engine.Training.Datasets;

/// <summary>Replays captures through the engine's own pipeline and hands out the rows of a contract.</summary>
public static class CaptureRows
{
    /// <summary>Replays to the end.</summary>
    /// <param name="captures">Capture files, merged by receive time.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="sampling">When rows are taken.</param>
    /// <param name="rows">Takes each row.</param>
    /// <returns>The contract that made the rows.</returns>
    /// <exception cref="CaptureException">A capture cannot be read.</exception>
    /// <exception cref="InvalidDataException">A capture ends in damage: statistics of half a day are refused.</exception>
    public static FeatureContract Replay<TRows>(IReadOnlyList<string> captures, ContractDefinition contract, Sampling sampling, TRows rows)
        where TRows : struct, IRowHandler
    {
        var limits = new EngineLimits();
        using MarketDataSource source = CaptureSource.Open(captures, new FeedOptions { Instruments = new InstrumentTable(limits.Instruments), Limits = limits });
        FeatureContract made = Drive(source, contract, sampling, limits, rows);
        return source.Fault is { } fault ? throw new InvalidDataException(fault.Sentence) : made;
    }

    /// <summary>Fits normaliser statistics on every row of captures.</summary>
    /// <param name="captures">Capture files.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="sampling">When rows are taken.</param>
    public static (FeatureContract Contract, NormaliserFit Fit) Fit(IReadOnlyList<string> captures, ContractDefinition contract, Sampling sampling)
    {
        using FeatureSet probe = FeatureSet.Create(contract, sampling, new EngineLimits());
        var fit = new NormaliserFit(probe.Contract.Count);
        return (Replay(captures, contract, sampling, new FitRows(fit)), fit);
    }

    private static FeatureContract Drive<TRows>(
        MarketDataSource source, ContractDefinition contract, Sampling sampling, EngineLimits limits, TRows rows)
        where TRows : struct, IRowHandler
    {
        FeatureSet set = FeatureSet.Create(contract, sampling, limits);
        using var pipeline = new Pipeline<TRows>(limits, set, rows, new StageTimer { Enabled = false }) { FollowsAll = source.Instruments.WatchesAll };
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        for (int count; (count = source.Read(buffer.Span)) >= 0;)
        {
            pipeline.OnPacket(buffer.Span[..count]);
        }

        return set.Contract;
    }

    private readonly struct FitRows(NormaliserFit fit) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => fit.Add(row);
    }
}
