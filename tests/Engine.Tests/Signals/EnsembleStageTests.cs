using Engine.Books;
using Engine.Core.Events;
using Engine.Features;
using Engine.Inference;
using Engine.Signals;

namespace Engine.Tests.Signals;

/// <summary>What the stage publishes beside predictions: members of an ensemble, and a model in another's place.</summary>
public sealed class EnsembleStageTests
{
    [Test]
    public void Members_are_published_before_their_prediction_twelve_at_a_time()
    {
        var published = new List<Prediction>();
        var stage = new PredictionStage<PredictionCollector>(
            [Model(0, new WeightedSum(1)), Model(9, new ManyMembers(30))], 1, new PredictionCollector(published), new StageTimer { Enabled = false });
        stage.OnRow(new RowStamp(3, 66, 1_234, BookTrust.Good), default, [2f]);
        Assert.That(published.Select(p => p.Kind), Is.EqualTo((byte[])[0, MemberRecord.Kind, MemberRecord.Kind, MemberRecord.Kind, 0]));
        var said = new List<float>();
        for (int i = 1; i <= 3; i++)
        {
            Prediction item = published[i];
            ref MemberRecord record = ref MemberRecord.Of(ref item);
            Assert.That((record.First, record.Model, record.Instrument), Is.EqualTo((said.Count, 9, 3)));
            said.AddRange(((ReadOnlySpan<float>)record.Values)[..record.Count]);
            Assert.That(((ReadOnlySpan<float>)record.Values)[record.Count..].ToArray(), Is.All.Zero);
        }

        Assert.That(said, Is.EqualTo(Enumerable.Range(0, 30).Select(m => m + 2f)));
        Assert.That((published[4].Model, published[4].Value), Is.EqualTo((9, 30f)));
    }

    [Test]
    public void A_model_that_takes_a_place_is_told_of_before_it_predicts()
    {
        var published = new List<Prediction>();
        var stage = new PredictionStage<PredictionCollector>(
            [Model(0, new ScriptedPredictor(1, _ => 1f)), Model(1, new ScriptedPredictor(1, _ => 2f))], 1, new PredictionCollector(published), new StageTimer { Enabled = false });
        stage.OnRow(default, default, [0f]);
        var record = default(Prediction);
        ModelRecord.Of(ref record).RecordKind = ModelRecord.Kind;
        ModelRecord.Of(ref record).Model = 2;
        stage.Replace(0, Model(2, new ScriptedPredictor(1, _ => 3f)), ref record);
        stage.OnRow(default, default, [0f]);
        Assert.That(published.Select(p => (p.Kind, p.Model, p.Value)), Is.EqualTo(new (byte, byte, float)[] { (0, 0, 1f), (0, 1, 2f), (ModelRecord.Kind, 2, 0f), (0, 2, 3f), (0, 1, 2f) }));
    }

    [Test]
    public void An_interrupt_comes_once_before_the_event_of_its_number_or_time()
    {
        MarketEvent[] events = [.. Enumerable.Range(0, 8).Select(i => new MarketEvent { Kind = EventKind.Status, Instrument = 0, ExchangeTime = 10 * i, Flags = EventFlags.Watched })];
        events[4].Flags |= EventFlags.BadExchangeTime;
        foreach ((long number, long time, long expected) in (ReadOnlySpan<(long, long, long)>)[(3, long.MaxValue, 3), (long.MaxValue, 25, 3), (long.MaxValue, 40, 5), (6, 50, 5), (99, 999, -1)])
        {
            using Pipeline<Features.RowCollector> pipeline = Features.Pipelines.Collecting("small", "every-event");
            var interrupt = new Interrupt();
            pipeline.InterruptAt(number, time, interrupt);
            pipeline.OnPacket([.. events]);
            Assert.That(interrupt.Numbers, Is.EqualTo(expected < 0 ? (long[])[] : [expected]), $"{number}, {time}");
        }
    }

    private static RunningModel Model(byte number, Predictor predictor) => new(new Normaliser([0f], [1f]), predictor) { Number = number };

    private sealed class Interrupt : IEventInterrupt
    {
        public List<long> Numbers { get; } = [];

        public void Before(long number, in MarketEvent e) => Numbers.Add(number);
    }

    /// <summary>Members that say the row's first feature and their own number.</summary>
    private sealed class ManyMembers(int count) : Predictor
    {
        private readonly float[] _said = new float[count];

        public override string Kernel => "many";

        public override int FeatureCount => 1;

        public override ReadOnlySpan<float> MemberValues => _said;

        public override float Predict(ReadOnlySpan<float> normalised)
        {
            for (int i = 0; i < count; i++)
            {
                _said[i] = i + normalised[0];
            }

            return count;
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
