using Engine.Books;
using Engine.Core.Events;
using Engine.Features;
using Engine.Signals;

namespace Engine.Tests.Signals;

/// <summary>Rows become predictions: every model, every field, every count.</summary>
public sealed class PredictionStageTests
{
    [Test]
    public void Every_model_sees_the_row_by_its_own_statistics_and_every_field_is_filled()
    {
        var published = new List<Prediction>();
        var seen = new List<float[]>();
        float Answer(float[] row)
        {
            seen.Add(row);
            return row[0];
        }

        RunningModel[] models =
        [
            new(new Normaliser([1f, 0f], [2f, 1f]), new ScriptedPredictor(2, Answer)),
            new(new Normaliser([0f, 0f], [1f, 1f]), new ScriptedPredictor(2, Answer)) { Number = 7 },
        ];
        var stage = new PredictionStage<PredictionCollector>(models, 2, new PredictionCollector(published), new StageTimer());
        var e = new MarketEvent { ReceiveTime = 77, Sequence = 12, ExchangeTime = 5, Flags = EventFlags.Watched | EventFlags.BookSuspect, Instrument = -1 };
        float[] row = [5f, float.NaN];
        stage.OnRow(new RowStamp(3, 66, 1_234, BookTrust.Suspect), e, row);
        Assert.Multiple(() =>
        {
            Assert.That(seen, Is.EqualTo((float[][])[[2f, 0f], [5f, 0f]]));
            Assert.That(published, Has.Count.EqualTo(2));
            Assert.That(stage.MissingFeatures, Is.EqualTo(2));
            Assert.That(stage.NotFinite, Is.Zero);
        });
        for (int m = 0; m < 2; m++)
        {
            Assert.That(published[m], Is.EqualTo(new Prediction
            {
                Trust = (byte)BookTrust.Suspect,
                Flags = (byte)e.Flags,
                Model = (byte)(m == 0 ? 0 : 7),
                Instrument = 3,
                ExchangeTime = 66,
                ReceiveTime = 77,
                Sequence = 12,
                Event = 1_234,
                RowDigest = RowDigest.Of(row),
                Value = m == 0 ? 2f : 5f,
                Missing = 1,
            }));
        }
    }

    [TestCase(0x8000_0000u, 0u, 0)]
    [TestCase(0xFFC0_1234u, 0xFFC0_0000u, 1)]
    [TestCase(0x7F80_0000u, 0x7F80_0000u, 1)]
    [TestCase(0x3F80_0000u, 0x3F80_0000u, 0)]
    public void A_value_has_one_pattern_and_an_infinite_one_is_counted(uint given, uint expected, int notFinite)
    {
        var published = new List<Prediction>();
        var model = new RunningModel(new Normaliser([0f], [1f]), new ScriptedPredictor(1, _ => BitConverter.UInt32BitsToSingle(given)));
        var stage = new PredictionStage<PredictionCollector>([model], 1, new PredictionCollector(published), new StageTimer { Enabled = false });
        stage.OnRow(default, default, [1f]);
        Assert.That(BitConverter.SingleToUInt32Bits(published[0].Value), Is.EqualTo(float.IsNaN(BitConverter.UInt32BitsToSingle(given)) ? BitConverter.SingleToUInt32Bits(float.NaN) : expected));
        Assert.That(stage.NotFinite, Is.EqualTo(notFinite));
    }

    [Test]
    public void Laps_are_taken_only_when_enabled()
    {
        var model = new RunningModel(new Normaliser([0f], [1f]), new WeightedSum(1));
        foreach (bool enabled in (bool[])[true, false])
        {
            var timer = new StageTimer { Enabled = enabled };
            timer.Begin(0);
            var stage = new PredictionStage<PredictionCollector>([model], 1, new PredictionCollector([]), timer);
            stage.OnRow(default, default, [1f]);
            Assert.That((timer.Inference.Count, timer.WireToPrediction.Count), Is.EqualTo(enabled ? (1L, 1L) : (0L, 0L)));
            timer.Reset();
            Assert.That((timer.Inference.Count, timer.WireToPrediction.Count), Is.EqualTo((0L, 0L)));
        }
    }

    [Test]
    public void Background_work_comes_after_the_predictions_or_when_asked_for([Values] bool isDeferred)
    {
        var published = new List<Prediction>();
        var predictor = new LeavingPredictor(() => published.Count);
        var stage = new PredictionStage<PredictionCollector>(
            [new RunningModel(new Normaliser([0f], [1f]), predictor), new RunningModel(new Normaliser([0f], [1f]), new WeightedSum(1))],
            1, new PredictionCollector(published), new StageTimer())
        {
            DefersBackground = isDeferred,
        };
        stage.OnRow(new RowStamp(5, 0, 0, BookTrust.Good), default, [1f]);
        Assert.That(published.Select(p => p.Value), Is.EqualTo(new[] { 5f, 1f }), "the first model says the instrument");
        Assert.That(predictor.Pieces, Is.EqualTo(isDeferred ? 0 : 3));
        Assert.That(new[] { stage.Background(), stage.Background(), stage.Background(), stage.Background() }, Is.EqualTo(isDeferred ? new[] { true, true, false, false } : new bool[4]));
        Assert.That((predictor.Pieces, predictor.Early), Is.EqualTo((3, 0)));
    }
}
