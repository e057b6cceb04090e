using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference;

/// <summary>Random networks, contracts and artefacts; everything follows from the generator that is passed in.</summary>
internal static class TestModels
{
    public static readonly Activation[] AllActivations = Enum.GetValues<Activation>();

    /// <summary>Silos of odd sizes over random features (contiguous or not), direct features and a fusion of one to three layers.</summary>
    public static SiloNetwork RandomNetwork(SeededRandom random)
    {
        int features = random.Next(1, 41);
        var silos = new List<Silo>();
        int[] shape = [random.Next(1, Math.Min(features, 40) + 1), random.Next(1, 41), random.Next(1, 6)];
        int count = random.Next(0, 12);
        for (int s = 0; s < count; s++)
        {
            // Most silos share a shape, so that they go four at a time; some are odd ones.
            bool odd = random.Chance(0.25);
            int inputs = odd ? random.Next(1, 41) : shape[0];
            int[] indices = random.Chance(0.5) && inputs <= features
                ? Enumerable.Range(random.Next(features - inputs + 1), inputs).ToArray()
                : Enumerable.Range(0, inputs).Select(_ => random.Next(features)).ToArray();
            DenseLayer[] layers = odd
                ? [Dense(random, inputs, random.Next(1, 36), Pick(random))]
                : [Dense(random, inputs, shape[1], Activation.Relu), Dense(random, shape[1], shape[1], Activation.Tanh), Dense(random, shape[1], shape[2], Activation.Identity)];
            silos.Add(new Silo($"family{s}", indices, layers));
        }

        int[] direct = Enumerable.Range(0, features).Where(_ => silos.Count == 0 || random.Chance(0.5)).ToArray();
        int width = silos.Sum(s => s.Outputs) + direct.Length;
        var fusion = new List<DenseLayer>();
        for (int depth = random.Next(0, 3); depth > 0; depth--)
        {
            fusion.Add(Dense(random, width, random.Next(1, 71), Pick(random)));
            width = fusion[^1].Outputs;
        }

        fusion.Add(Dense(random, width, 1, Pick(random)));
        return new SiloNetwork(features, silos, direct, fusion);
    }

    public static float[] RandomRow(SeededRandom random, int features, bool special)
    {
        var row = new float[features];
        for (int i = 0; i < features; i++)
        {
            row[i] = (float)random.NextNormal();
            if (special && random.Chance(0.1))
            {
                row[i] = random.Next(8) switch
                {
                    0 => float.NaN,
                    1 => BitConverter.UInt32BitsToSingle(0x7F800001),
                    2 => BitConverter.UInt32BitsToSingle(0xFFC12345),
                    3 => float.PositiveInfinity,
                    4 => -0f,
                    5 => 1e-41f,
                    6 => float.Epsilon,
                    _ => -3e38f,
                };
            }
        }

        return row;
    }

    public static FeatureContract Contract(int features, string sampling = "every-event") => new(
        "test",
        Enumerable.Range(0, features).Select(i => new FeatureSpec($"f{i}", $"family{i / 10}", 0, "none")),
        sampling);

    public static ArtefactDescription Describe(SiloNetwork network, SeededRandom random, int golden = 4)
    {
        FeatureContract contract = Contract(network.FeatureCount);
        float[] mean = Enumerable.Range(0, contract.Count).Select(_ => (float)random.NextNormal()).ToArray();
        float[] deviation = Enumerable.Range(0, contract.Count).Select(_ => 0.5f + (float)random.NextDouble()).ToArray();
        var normaliser = new Normaliser(mean, deviation);
        using var predictor = new NativeSiloPredictor(network, Kernel.Scalar);
        var rows = new float[golden * contract.Count];
        var outputs = new float[golden];
        var row = new float[contract.Count];
        for (int g = 0; g < golden; g++)
        {
            Span<float> raw = rows.AsSpan(g * contract.Count, contract.Count);
            RandomRow(random, contract.Count, special: g == 1).CopyTo(raw);
            for (int i = 0; i < raw.Length; i++)
            {
                // Only one pattern of NaN survives JSON; large values would drown the others.
                raw[i] = float.IsNaN(raw[i]) ? float.NaN : MathF.Abs(raw[i]) > 100 && float.IsFinite(raw[i]) ? 1 : raw[i];
            }

            normaliser.Apply(raw, row);
            outputs[g] = predictor.Predict(row);
        }

        return new ArtefactDescription
        {
            Contract = contract,
            Mean = mean,
            Deviation = deviation,
            Label = "return",
            HorizonNanos = 1_000_000_000,
            TrainingSplit = ["2026-01-05", "2026-01-06"],
            Weights = ArtefactDescription.Seeded,
            Note = "a test",
            Golden = new GoldenVectors(rows, outputs, contract.Count),
        };
    }

    /// <summary>One dense layer over all features, for its contract.</summary>
    public static SiloNetwork Plain(int features) =>
        new(features, [], [.. Enumerable.Range(0, features)], [new DenseLayer(new float[features], [1f], Activation.Identity)]);

    /// <summary>Two silos of ten, five direct features.</summary>
    public static SiloNetwork SmallNetwork(SeededRandom random) => new(
        25,
        Enumerable.Range(0, 2).Select(s => new Silo($"family{s}", Enumerable.Range(s * 10, 10).ToArray(),
        [
            Dense(random, 10, 10, Activation.Relu), Dense(random, 10, 10, Activation.Relu), Dense(random, 10, 2, Activation.Identity),
        ])).ToArray(),
        Enumerable.Range(20, 5).ToArray(),
        [Dense(random, 9, 10, Activation.Relu), Dense(random, 10, 1, Activation.Identity)]);

    public static DenseLayer Dense(SeededRandom random, int inputs, int outputs, Activation activation)
    {
        double half = Math.Sqrt(6.0 / inputs);
        return new DenseLayer(
            Enumerable.Range(0, inputs * outputs).Select(_ => (float)(half * ((2 * random.NextDouble()) - 1))).ToArray(),
            Enumerable.Range(0, outputs).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray(),
            activation);
    }

    private static Activation Pick(SeededRandom random) => AllActivations[random.Next(AllActivations.Length)];
}
