using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Engine.Signals;
using Engine.Simulator;
using Engine.TestKit;
using Engine.TestKit.Features;

namespace Engine.Tests.Inference.Sequences;

/// <summary>A simulated day: every tick of every instrument against its window computed from scratch, and against ONNX Runtime.</summary>
public class LstmDayTests
{
    private const int Steps = 30;
    private const int Instruments = 3;

    private static readonly Lazy<List<(int Instrument, float[] Row)>> s_day = new(Simulate);

    [Test]
    public void Every_tick_of_a_day_has_the_bits_of_its_window_from_scratch([Values] SequenceMode mode, [Values(1, 2)] int layers)
    {
        var random = new SeededRandom(Seeds.Take(1).First());
        LstmNetwork network = Network(random, mode, layers);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        Dictionary<int, List<float[]>> seen = [];
        long compared = 0;
        foreach ((int instrument, float[] row) in s_day.Value)
        {
            List<float[]> rows = seen.TryGetValue(instrument, out List<float[]>? known) ? known : seen[instrument] = [];
            rows.Add(row);
            float got = predictor.Predict(instrument, row);
            for (int pieces = random.Next(0, 9); pieces > 0 && predictor.Background(); pieces--)
            {
            }

            // A carried state goes back to the first tick: some of those are enough.
            bool isStreaming = mode == SequenceMode.Streaming;
            if (rows.Count >= Steps && (!isStreaming || rows.Count % 60 == 0))
            {
                uint expected = TestLstms.NaiveBits(network, isStreaming ? rows : rows.TakeLast(Steps));
                Assert.That(BitConverter.SingleToUInt32Bits(got), Is.EqualTo(expected), $"seed {random.Seed}, instrument {instrument}, tick {rows.Count - 1}");
                compared++;
            }
        }

        Assert.That(seen, Has.Count.EqualTo(Instruments));
        Assert.That(predictor.WarmingUp, Is.EqualTo(Instruments * (Steps - 1L)));
        Assert.That(predictor.LateBackground, Is.Positive);
        Assert.That(compared, Is.GreaterThan(mode == SequenceMode.Streaming ? 30 : 2_000));
    }

    [Test]
    public void Every_tick_of_a_day_agrees_with_ONNX_Runtime([Values(1, 2)] int layers)
    {
        var random = new SeededRandom(Seeds.Take(1).First());
        LstmNetwork network = Network(random, SequenceMode.Windows, layers);
        ModelArtefact artefact = ModelArtefact.Parse(ArtefactWriter.Write(network, TestLstms.Describe(network, random)));
        using var both = (ComparingPredictor)PredictorFactory.Create(artefact, InferenceMode.Both, KernelChoice.Best, TestLstms.Limits);
        both.Reset();
        foreach ((int instrument, float[] row) in s_day.Value)
        {
            both.Predict(instrument, row);
            both.Background();
        }

        Assert.That(both.WithinTolerance, $"seed {random.Seed}: {both.LargestRatio} times what is allowed");
        Assert.That(both.Count, Is.EqualTo(s_day.Value.Count).And.GreaterThan(2_000));
        TestContext.Out.WriteLine($"largest difference {both.LargestDifference:E2} over {both.Count} ticks");
    }

    private static LstmNetwork Network(SeededRandom random, SequenceMode mode, int layers) =>
        TestLstms.Random(random, s_day.Value[0].Row.Length, 10, Steps, layers == 1 ? [24] : [16, 12], mode);

    private static List<(int Instrument, float[] Row)> Simulate()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "lstm-day.pcap");
        using (FileStream file = File.Create(path))
        {
            Simulation.Run(new SimulationOptions { Seed = 17, Messages = 4_000, Instruments = Instruments }, file);
        }

        var limits = new EngineLimits { Instruments = 64, Orders = 1 << 14, Levels = 1 << 13, WindowTrades = 1 << 12 };
        var definition = ContractDefinition.BuiltIn("small");
        List<(RowStamp Stamp, float[] Values)> rows = [];
        using (MarketDataSource source = CaptureSource.Open([path], new FeedOptions { Instruments = new InstrumentTable(64), Limits = limits }))
        using (var pipeline = new Pipeline<FeatureAgreement.Keeper>(
            limits, FeatureSet.Create(definition, definition.Sampling, limits), new FeatureAgreement.Keeper(rows), new StageTimer { Enabled = false }))
        {
            var events = new MarketEvent[limits.EventsPerPacket];
            for (int count; (count = source.Read(events)) >= 0;)
            {
                pipeline.OnPacket(events.AsSpan(0, count));
            }
        }

        File.Delete(path);
        return Normalised([.. rows.Select(r => (r.Stamp.Instrument, r.Values))]);
    }

    // By the statistics of the day itself: a test of arithmetic may look ahead.
    private static List<(int Instrument, float[] Row)> Normalised(List<(int Instrument, float[] Row)> rows)
    {
        int columns = rows[0].Row.Length;
        var mean = new float[columns];
        var deviation = new float[columns];
        for (int c = 0; c < columns; c++)
        {
            double[] column = [.. rows.Select(r => (double)r.Row[c]).Where(double.IsFinite)];
            double average = column.Length > 0 ? column.Average() : 0;
            mean[c] = (float)average;
            deviation[c] = column.Length > 0 ? (float)Math.Sqrt(column.Average(v => (v - average) * (v - average))) : 0;
        }

        var normaliser = new Normaliser(mean, deviation);
        return [.. rows.Select(r =>
        {
            var row = new float[columns];
            normaliser.Apply(r.Row, row);
            return (r.Instrument, row);
        })];
    }
}
