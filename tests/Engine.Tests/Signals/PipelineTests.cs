using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Signals;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Memory;
using Engine.Tests.Books;
using Engine.Tests.Features;

namespace Engine.Tests.Signals;

/// <summary>The wiring: batches, watched instruments, allocations.</summary>
public sealed class PipelineTests
{
    [TestCase("every-event")]
    [TestCase("every-5")]
    [TestCase("grid-50")]
    public void Packets_and_single_events_give_the_same_predictions(string sampling)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            MarketEvent[] one = RandomFlow.Create(seed, 10_000);
            MarketEvent[] packets = [.. one];
            (List<Prediction> expected, BookDigest digest) = Run(sampling, p =>
            {
                for (int i = 0; i < one.Length; i++)
                {
                    p.OnEvent(ref one[i]);
                }
            });
            (List<Prediction> given, BookDigest packetDigest) = Run(sampling, p =>
            {
                var random = new SeededRandom(seed);
                for (int at = 0; at < packets.Length;)
                {
                    int length = Math.Min(random.Next(0, 60), packets.Length - at);
                    p.OnPacket(packets.AsSpan(at, length));
                    at += length;
                }
            });
            Assert.That(Bytes(given).SequenceEqual(Bytes(expected)), Is.True, $"seed {seed}: predictions differ");
            Assert.That(expected, Has.Count.GreaterThan(1_000), $"seed {seed}");
            Assert.That(packetDigest, Is.EqualTo(digest), $"seed {seed}");
            Assert.That(MemoryMarshal.AsBytes<MarketEvent>(packets).SequenceEqual(MemoryMarshal.AsBytes<MarketEvent>(one)), Is.True, $"seed {seed}: what the books filled in differs");
        }
    }

    /// <summary>Events of instruments that nobody watches change no book and no row: the run equals one that never had them, but for
    /// the numbers of events.</summary>
    [TestCase("every-event")]
    [TestCase("grid-50")]
    public void Unwatched_instruments_are_left_alone(string sampling)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            MarketEvent[] all = RandomFlow.Create(seed, 8_000);
            foreach (ref MarketEvent e in all.AsSpan())
            {
                e.Flags &= e.Instrument is 1 or 4 ? ~EventFlags.Watched : (EventFlags)0xFF;
            }

            MarketEvent[] watched = [.. all.Where(e => e.Instrument is not (1 or 4))];
            MarketEvent[] before = [.. all];
            (List<Prediction> given, BookDigest digest) = Run(sampling, p => p.OnPacket(all), p =>
            {
                Assert.That(p.Events, Is.EqualTo(8_000));
                Assert.That(p.Books.Depth(1, Side.Buy) + p.Books.Depth(4, Side.Sell), Is.Zero, $"seed {seed}");
                Assert.That(p.Features.HasEvents(1) || p.Features.HasEvents(4), Is.False, $"seed {seed}");
            });
            (List<Prediction> expected, BookDigest without) = Run(sampling, p => p.OnPacket(watched));
            Assert.That(digest, Is.EqualTo(without), $"seed {seed}");
            Assert.That(given.Select(g => (g.Instrument, g.ExchangeTime, g.RowDigest, g.Value, g.Trust)),
                Is.EqualTo(expected.Select(g => (g.Instrument, g.ExchangeTime, g.RowDigest, g.Value, g.Trust))), $"seed {seed}");
            Assert.That(expected, Has.Count.GreaterThan(500), $"seed {seed}");
            for (int i = 0; i < all.Length; i++)
            {
                if (before[i].Instrument is 1 or 4)
                {
                    Assert.That(MemoryMarshal.AsBytes([all[i]]).SequenceEqual(MemoryMarshal.AsBytes([before[i]])), Is.True, $"seed {seed}, event {i}");
                }
            }
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_session_start_counts_on_a_message_of_any_instrument(bool watched)
    {
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting("default", "every-event");
        MarketEvent first = BookMaker.Event(EventKind.Add, 9, 5, 100, instrument: 2);
        first.Side = Side.Buy;
        first.Flags = EventFlags.LastOfEvent | EventFlags.SessionStart | (watched ? EventFlags.Watched : EventFlags.None);
        pipeline.OnEvent(ref first);
        MarketEvent second = BookMaker.Event(EventKind.Add, 10, 5, 100);
        second.Side = Side.Buy;
        pipeline.OnEvent(ref second);
        Assert.Multiple(() =>
        {
            Assert.That(pipeline.Books.Trust(0), Is.EqualTo(BookTrust.Good));
            Assert.That(pipeline.Books.Depth(2, Side.Buy), Is.EqualTo(watched ? 1 : 0));
            Assert.That(pipeline.RowsMade, Is.EqualTo(watched ? 2 : 1));
        });
    }

    /// <summary>A gap or clear of the whole venue must not show in rows of cells before it.</summary>
    [TestCase(EventKind.Gap)]
    [TestCase(EventKind.Clear)]
    public void A_grid_row_does_not_see_what_comes_after_it(EventKind kind)
    {
        const long Millisecond = 1_000_000;
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting("default", "grid-10");
        MarketEvent start = BookMaker.Event(EventKind.Status, 0, instrument: MarketEvent.AllInstruments);
        start.Flags |= EventFlags.SessionStart;
        MarketEvent add = BookMaker.Event(EventKind.Add, 1, 5, 100);
        (add.Side, add.ExchangeTime) = (Side.Buy, 1_001 * Millisecond);
        MarketEvent wide = BookMaker.Event(kind, 0, 1, instrument: MarketEvent.AllInstruments);
        wide.ExchangeTime = 1_025 * Millisecond;
        MarketEvent later = BookMaker.Event(EventKind.Status, 0);
        later.ExchangeTime = 1_031 * Millisecond;
        pipeline.OnPacket([start, add, wide, later]);
        BookTrust after = kind == EventKind.Gap ? BookTrust.Suspect : BookTrust.Recovering;
        Assert.That(pipeline.Rows.Rows.Select(r => r.Stamp), Is.EqualTo((RowStamp[])
        [
            new(0, 1_010 * Millisecond, 2, BookTrust.Good),
            new(0, 1_020 * Millisecond, 2, BookTrust.Good),
            new(0, 1_030 * Millisecond, 3, after),
        ]));
    }

    [TestCase(EventKind.Gap)]
    [TestCase(EventKind.Clear)]
    [TestCase(EventKind.Status)]
    [TestCase(EventKind.Add)]
    [TestCase(EventKind.Trade)]
    [TestCase(EventKind.Delete)]
    public void An_event_without_an_instrument_touches_nothing(EventKind kind)
    {
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting("default", "every-event");
        MarketEvent start = BookMaker.Event(EventKind.Status, 0, instrument: MarketEvent.AllInstruments);
        start.Flags |= EventFlags.SessionStart;
        MarketEvent add = BookMaker.Event(EventKind.Add, 1, 5, 100);
        add.Side = Side.Buy;
        pipeline.OnPacket([start, add]);
        ulong digest = pipeline.Books.Digest.Value;
        foreach (EventFlags flags in kind == EventKind.Delete ? (EventFlags[])[EventFlags.None] : [EventFlags.None, EventFlags.Watched])
        {
            MarketEvent nowhere = BookMaker.Event(kind, 2, 5, 100, instrument: MarketEvent.NoInstrument);
            nowhere.Flags = flags;
            nowhere.Side = Side.Buy;
            pipeline.OnPacket([nowhere]);
        }

        Assert.Multiple(() =>
        {
            Assert.That(pipeline.Books.Digest.Value, Is.EqualTo(digest));
            Assert.That(pipeline.Books.Trust(0), Is.EqualTo(BookTrust.Good));
            Assert.That(pipeline.Books.Depth(0, Side.Buy), Is.EqualTo(1));
            Assert.That(pipeline.RowsMade, Is.EqualTo(1));
        });
    }

    [TestCase("every-event")]
    [TestCase("grid-20")]
    public void A_whole_run_allocates_nothing(string sampling)
    {
        ulong seed = Seeds.Take(1).First();
        Assert.That(Allocated(seed, sampling, features => new WeightedSum(features), out long rows), Is.Zero, $"seed {seed}");
        Assert.That(rows, Is.GreaterThan(50_000), $"seed {seed}");
    }

    [Test]
    public void An_allocating_predictor_is_caught() =>
        Assert.That(Allocated(Seeds.Take(1).First(), "every-event", features => new AllocatingPredictor(features, 40_000), out _), Is.GreaterThanOrEqualTo(24));

    private static long Allocated(ulong seed, string sampling, Func<int, Predictor> make, out long rows)
    {
        var set = FeatureSet.Create("default", Pipelines.Rule(sampling), Pipelines.Limits);
        int features = set.Contract.Count;
        var timer = new StageTimer();
        var rowHandler = new PredictionStage<FoldingSink>([Model(features, make(features))], features, new FoldingSink(new long[1]), timer);
        using var pipeline = new Pipeline<PredictionStage<FoldingSink>>(Pipelines.Limits, set, rowHandler, timer);
        var handler = new PipelineHandler(pipeline);
        MarketEvent[] events = RandomFlow.Create(seed, 100_000);
        long bytes = AllocationHarness.Measure(events, 20_000, ref handler);
        rows = pipeline.RowsMade;
        return bytes;
    }

    private static (List<Prediction> Predictions, BookDigest Digest) Run(
        string sampling,
        Action<Pipeline<PredictionStage<PredictionCollector>>> drive,
        Action<Pipeline<PredictionStage<PredictionCollector>>>? check = null)
    {
        var set = FeatureSet.Create("default", Pipelines.Rule(sampling), Pipelines.Limits);
        int features = set.Contract.Count;
        var timer = new StageTimer { Enabled = false };
        var predictions = new List<Prediction>();
        var rows = new PredictionStage<PredictionCollector>([Model(features, new WeightedSum(features))], features, new PredictionCollector(predictions), timer);
        using var pipeline = new Pipeline<PredictionStage<PredictionCollector>>(Pipelines.Limits, set, rows, timer);
        drive(pipeline);
        check?.Invoke(pipeline);
        return (predictions, pipeline.Books.Digest);
    }

    private static RunningModel Model(int features, Predictor predictor) =>
        new(new Normaliser(new float[features], [.. Enumerable.Repeat(2f, features)]), predictor);

    private static ReadOnlySpan<byte> Bytes(List<Prediction> predictions) => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(predictions));

    private readonly struct PipelineHandler(Pipeline<PredictionStage<FoldingSink>> pipeline) : IEventHandler
    {
        public void OnEvent(ref MarketEvent e) => pipeline.OnEvent(ref e);
    }
}
