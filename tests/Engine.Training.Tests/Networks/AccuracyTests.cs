using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Engine.Signals;
using Engine.TestKit.Inference;
using Engine.Training.Datasets;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Networks;

/// <summary>
/// Native predictions against float64 with the class library's transcendentals, at every row of the sample day: the largest
/// absolute error, the largest in units in the last place where the prediction is at least 1/16 in size, and decisions that differ: above 0 or not, of a probability above one half or not.
/// </summary>
public class AccuracyTests
{
    private const int Hidden = 24;
    private const int LstmSteps = 4;
    private const double Half = 0.5;

    private static readonly ModelArtefact s_model = SampleDay.Seeded;

    [Test]
    public void Silos()
    {
        using var native = new NativeSiloPredictor(s_model.Silo!, KernelChoice.Best, limits: new EngineLimits());
        Error error = Replay(0, (instrument, row) => (native.Predict(instrument, row), SiloReference.Output(s_model.Silo!, row)));
        error.Check("silos", 190_000, absolute: 3e-6, ulps: 320);
    }

    [Test]
    public void A_dense_chain()
    {
        DenseNetwork network = Dense();
        using var native = new NativeDensePredictor(network, KernelChoice.Best);
        Error error = Replay(Half, (_, row) => (native.Predict(row), DenseReference.Output(network, row)));
        error.Check("dense", 190_000, absolute: 4e-7, ulps: 16);
    }

    [Test]
    public void An_lstm()
    {
        LstmNetwork network = SeededLstm.Create(s_model.Contract, new LstmShape { Steps = LstmSteps, Units = 8 }, 3);
        using var native = new NativeLstmPredictor(network, KernelChoice.Best, new EngineLimits());
        var windows = new Dictionary<int, Queue<float[]>>();
        Error error = Replay(Half, (instrument, row) =>
        {
            Queue<float[]> window = windows.TryGetValue(instrument, out Queue<float[]>? known) ? known : windows[instrument] = new Queue<float[]>();
            window.Enqueue([.. row]);
            if (window.Count > LstmSteps)
            {
                window.Dequeue();
            }

            float value = native.Predict(instrument, row);
            return (value, window.Count == LstmSteps ? LstmReference.Output(network, window) : double.NaN);
        });
        error.Check("lstm", 190_000, absolute: 4e-7, ulps: 16);
        Assert.That(native.WarmingUp, Is.EqualTo(windows.Count * (LstmSteps - 1)));
    }

    private static Error Replay(double decision, Func<int, float[], (float Native, double Reference)> predict)
    {
        var error = new Error(s_model.CreateNormaliser(), decision, predict);
        CaptureRows.Replay([SampleDay.Capture], ContractDefinition.Of(s_model.Contract), Sampling.EveryEvent, new Rows(error));
        return error;
    }

    // A layer normalisation and a softmax among the layers of a perceptron.
    private static DenseNetwork Dense()
    {
        int features = s_model.Contract.Count;
        var random = new SeededRandom(9);
        DenseStage.Product Draw(int inputs, int outputs, Activation activation) => new(new DenseLayer(
            [.. Enumerable.Range(0, inputs * outputs).Select(_ => (float)(random.NextNormal() / Math.Sqrt(inputs)))],
            [.. Enumerable.Range(0, outputs).Select(_ => (float)(0.1 * random.NextNormal()))],
            activation));
        float[] scale = [.. Enumerable.Range(0, Hidden).Select(_ => 0.5f + (float)random.NextDouble())];
        return new DenseNetwork(features,
        [
            Draw(features, Hidden, Activation.Identity), new DenseStage.LayerNorm(scale, new float[Hidden], 1e-5f), new DenseStage.LeakyRelu(0.1f),
            Draw(Hidden, 16, Activation.Tanh), Draw(16, 4, Activation.Identity), new DenseStage.Softmax(), new DenseStage.Pick([1]),
        ]);
    }

    private sealed class Error(Normaliser normaliser, double decision, Func<int, float[], (float Native, double Reference)> predict)
    {
        private const double Sizeable = 1.0 / 16;

        private readonly float[] _row = new float[normaliser.Count];
        private readonly HashSet<float> _values = [];
        private long _rows;
        private long _ulps;
        private long _flips;
        private long _onlyOne;
        private double _absolute;

        public void Take(int instrument, ReadOnlySpan<float> row)
        {
            normaliser.Apply(row, _row);
            (float native, double reference) = predict(instrument, _row);
            _onlyOne += float.IsNaN(native) != double.IsNaN(reference) ? 1 : 0;
            if (!float.IsNaN(native))
            {
                _absolute = Math.Max(_absolute, Math.Abs(native - reference) / Math.Max(1, Math.Abs(reference)));
                _ulps = Math.Abs(reference) < Sizeable ? _ulps : Math.Max(_ulps, Ulps.Between(native, (float)reference));
                _flips += native > decision != reference > decision ? 1 : 0;
                _values.Add(native);
            }

            _rows++;
        }

        public void Check(string what, long leastRows, double absolute, long ulps)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{what}: {_rows} rows, largest error {_absolute:E2} x max(1, |value|), {_ulps} ulp, {_flips} decisions differ");
            TestContext.Out.WriteLine(text);
            Assert.That(_rows, Is.GreaterThan(leastRows));
            Assert.That(_onlyOne, Is.Zero, "one is NaN and the other is not");
            Assert.That(_values, Has.Count.GreaterThan(10_000), "the predictions move");
            Assert.That(_absolute, Is.Positive.And.LessThanOrEqualTo(absolute), text);
            Assert.That(_ulps, Is.LessThanOrEqualTo(ulps), text);
            Assert.That(_flips, Is.LessThanOrEqualTo(1), text);
        }
    }

    private readonly struct Rows(Error error) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => error.Take(stamp.Instrument, row);
    }
}
