using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference.Dense;

/// <summary>Graphs as exporters write them, recognised by structure: each runs in ONNX Runtime too, and the two agree.</summary>
public class DenseGraphTests
{
    private const int Features = 12;

    [Test]
    public void A_perceptron_of_Gemm_with_all_its_attributes([Values] bool transposed, [Values(1, 6)] int biases) => Agree(g =>
    {
        g.Gemm(Features, 6, transposed, 0.5f, -2f, biases);
        g.Apply("Relu");
        g.Gemm(6, 1, !transposed, 1.5f, 1f, 1);
    });

    [Test]
    public void Products_and_sums([Values] bool biasFirst, [Values("Relu", "Tanh", "Sigmoid", "LeakyRelu", "Identity", "Dropout")] string between) => Agree(g =>
    {
        g.MatMul(Features, 20, biasFirst);
        g.Apply(between);
        g.MatMul(20, 3, !biasFirst);
        g.Apply(between);
        g.MatMul(3, 1, biasFirst);
    });

    [Test]
    public void A_slope_of_ones_own() => Agree(g =>
    {
        g.Gemm(Features, 5);
        g.Apply("LeakyRelu").Attribute.Add(Real("alpha", 0.3f));
        g.Gemm(5, 1);
    });

    [Test]
    public void Batch_normalisation_before_a_layer_after_it_and_behind_its_activation() => Agree(g =>
    {
        g.BatchNorm(Features);
        g.Gemm(Features, 8);
        g.BatchNorm(8);
        g.Apply("Relu");
        g.BatchNorm(8);
        g.MatMul(8, 7, false);
        g.BatchNorm(7);
        g.Apply("Tanh");
        g.Gemm(7, 1);
        g.BatchNorm(1);
    });

    [TestCase(-1, true)]
    [TestCase(1, false)]
    public void Layer_normalisation(int axis, bool hasOffset) => Agree(
        g =>
        {
            g.LayerNorm(Features, axis, hasOffset, 1e-3f);
            g.Gemm(Features, 33);
            g.LayerNorm(33, axis, hasOffset, 1e-5f);
            g.Apply("Relu");
            g.Gemm(33, 1);
        },
        operatorSet: 17);

    [Test]
    public void Softmax_and_a_class([Values("Gather", "Slice")] string pick) => Agree(g =>
    {
        g.Gemm(Features, 5);
        g.Apply("Softmax").Attribute.Add(SiloGraph.Integer("axis", pick == "Gather" ? -1 : 1));
        if (pick == "Gather")
        {
            g.Gather(2);
        }
        else
        {
            g.Slice(3, 4);
        }
    });

    [Test]
    public void Some_features_in_another_order_and_shapes_that_change_nothing() => Agree(g =>
    {
        g.Gather(7, 0, -1, 3);
        g.Apply("Flatten");
        g.Gemm(4, 6);
        g.Reshape(-1, 6);
        g.Apply("Relu");
        g.Slice(-5, 100);
        g.Gemm(5, 1);
        g.Reshape(0, -1);
    });

    [TestCase("Elu", "node 'stage1' (Elu) has no native kernel")]
    [TestCase("Softplus", "(Softplus) has no native kernel")]
    public void What_has_no_kernel_is_named_and_ONNX_Runtime_runs_it(string operation, string expected)
    {
        GraphMaker maker = new(1);
        maker.Gemm(Features, 5);
        maker.Apply(operation);
        maker.Gemm(5, 1);
        Refused(maker, expected);
        byte[] file = File(maker.Finish(), new SeededRandom(1), 13, r => Run(maker.Finish(), r));
        ModelArtefact artefact = ModelArtefact.Parse(file);
        Assert.That((artefact.Dense, artefact.Silo), Is.EqualTo(((DenseNetwork?)null, (SiloNetwork?)null)));
        Assert.That(() => PredictorFactory.Create(artefact, InferenceMode.Native, Kernel.Scalar),
            Throws.TypeOf<ArtefactException>().With.Message.Contains(expected).And.Message.Contains("native is the default").And.Message.Contains("--inference ort"));
        using Predictor ort = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar);
        Assert.That(ort.FeatureCount, Is.EqualTo(Features));
    }

    [Test]
    public void Each_refusal_names_the_node_and_why()
    {
        Refused(Make(g => { g.Gemm(Features, 5); g.Apply("Softmax").Attribute.Add(SiloGraph.Integer("axis", 0)); g.Gemm(5, 1); }), "(Softmax) runs along axis 0");
        Refused(Make(g => { g.Gemm(Features, 5).Attribute.Add(SiloGraph.Integer("transA", 1)); g.Gemm(5, 1); }), "(Gemm) has transA");
        Refused(Make(g => { g.Gemm(Features, 5, alpha: float.MaxValue); g.Gemm(5, 1); }), "alpha or beta that does not give finite weights");
        Refused(Make(g => { g.Gemm(Features, 5, biases: 4); g.Gemm(5, 1); }), "adds 4 biases to 5 outputs");
        Refused(Make(g => { g.Gemm(Features, 5); g.Gemm(6, 1); }), "(Gemm) does not fit: A dense layer takes 6 values but 5 come in");
        Refused(Make(g => { g.Gemm(Features, 5); g.Apply("Relu"); g.BatchNorm(5); g.Apply("Relu"); g.Gemm(5, 1); }), "(BatchNormalization) has no dense layer directly before or after it");
        Refused(Make(g => { g.Gemm(Features, 5); g.Apply("Relu"); g.BatchNorm(5); }), "(BatchNormalization) has no dense layer directly before or after it");
        Refused(Make(g => { g.Gemm(Features, 5); g.LayerNorm(5, 0, true, 1e-5f); g.Gemm(5, 1); }), "(LayerNormalization) normalises along axis 0");
        Refused(Make(g => { g.Gemm(Features, 5); g.LayerNorm(4, -1, true, 1e-5f); g.Gemm(5, 1); }), "has 4 factors or offsets for 5 values");
        Refused(Make(g => { g.Gather(0, 12); g.Gemm(2, 1); }), "(Gather) does not fit");
        Refused(Make(g => { g.Reshape(6, 2); g.Gemm(2, 1); }), "(Reshape) does not leave a row of 12 values as it is");
        Refused(Make(g => { g.Gemm(Features, 5); }), "ends in 5 outputs");
        Refused(Make(g => { }), "the output is the input");
    }

    [Test]
    public void What_a_decision_is_follows_from_the_last_operator()
    {
        Assert.That(Decision("Sigmoid"), Is.EqualTo(0.5f));
        Assert.That(Decision("Tanh"), Is.Zero);
        Assert.That(Decision("Identity"), Is.Zero);
    }

    private static float Decision(string last)
    {
        GraphMaker maker = Make(g => { g.Gemm(Features, 1); g.Apply(last); });
        ModelArtefact artefact = ModelArtefact.Parse(File(maker.Finish(), new SeededRandom(2), 13, null));
        using var both = (ComparingPredictor)PredictorFactory.Create(artefact, InferenceMode.Both, KernelChoice.Best);
        return both.DecisionThreshold;
    }

    private static void Agree(Action<GraphMaker> make, int operatorSet = 13)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            GraphMaker maker = new(seed);
            make(maker);
            var random = new SeededRandom((ulong)seed);
            ModelArtefact artefact = ModelArtefact.Parse(File(maker.Finish(), random, operatorSet, null));
            Assert.That(artefact.Dense, Is.Not.Null, artefact.WhyNotNative);
            using var both = (ComparingPredictor)PredictorFactory.Create(artefact, InferenceMode.Both, KernelChoice.Best);
            var outputs = new HashSet<float>();
            for (int i = 0; i < 50; i++)
            {
                outputs.Add(both.Predict(TestModels.RandomRow(random, Features, special: false)));
            }

            Assert.That(both.WithinTolerance, $"seed {seed}: {both.WorstValue} against {both.WorstReference}");
            Assert.That(outputs, Has.Count.GreaterThan(10), "the outputs move");
        }
    }

    private static GraphMaker Make(Action<GraphMaker> make)
    {
        GraphMaker maker = new(1);
        make(maker);
        return maker;
    }

    private static void Refused(GraphMaker maker, string expected)
    {
        Assert.That(DenseGraph.TryRecognise(maker.Finish(), Features, out DenseNetwork? network, out string? reason), Is.False);
        Assert.That(network, Is.Null);
        Assert.That(reason, Does.Contain(expected));
    }

    // An artefact whose golden outputs are the native ones, or those given.
    private static byte[] File(GraphProto graph, SeededRandom random, int operatorSet, Func<float[], float>? answer)
    {
        ArtefactDescription description = TestModels.Describe(TestModels.Plain(Features), random);
        Normaliser normaliser = new(description.Mean.Span, description.Deviation.Span);
        using NativeDensePredictor? native = DenseGraph.TryRecognise(graph, Features, out DenseNetwork? network, out _) ? new NativeDensePredictor(network!, Kernel.Scalar) : null;
        float[] rows = [.. Enumerable.Range(0, description.Golden.Count).SelectMany(i => description.Golden.Row(i).ToArray())];
        float[] outputs = [.. Enumerable.Range(0, description.Golden.Count).Select(i =>
        {
            var row = new float[Features];
            normaliser.Apply(description.Golden.Row(i), row);
            return native?.Predict(row) ?? answer!(row);
        })];
        ModelProto model = ModelProto.Parser.ParseFrom(ArtefactWriter.Write(graph, description with { Golden = new GoldenVectors(rows, outputs, Features) }));
        model.OpsetImport[0].Version = operatorSet;
        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }

    private static float Run(GraphProto graph, float[] row)
    {
        using var predictor = new OrtPredictor(ArtefactWriter.Write(graph, TestModels.Describe(TestModels.Plain(Features), new SeededRandom(1))), Features);
        return predictor.Predict(row);
    }

    private static AttributeProto Real(string name, float value) => new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    /// <summary>Adds nodes one behind the other.</summary>
    private sealed class GraphMaker
    {
        private readonly GraphProto _graph = new() { Name = "test" };
        private readonly SeededRandom _random;
        private string _value = SiloGraph.InputName;
        private int _count;

        public GraphMaker(int seed)
        {
            _random = new SeededRandom((ulong)seed);
            _graph.Input.Add(SiloGraph.Value(SiloGraph.InputName, Features));
        }

        public GraphProto Finish()
        {
            GraphProto graph = _graph.Clone();
            graph.Output.Add(SiloGraph.Value(_value, 1));
            return graph;
        }

        public NodeProto Apply(string operation, params string[] constants)
        {
            string output = $"stage{_count++}";
            NodeProto node = SiloGraph.Node(_graph, operation, [_value, .. constants], output);
            _value = output;
            return node;
        }

        public NodeProto Gemm(int inputs, int outputs, bool transposed = false, float alpha = 1, float beta = 1, int biases = -1)
        {
            NodeProto node = Apply("Gemm", transposed ? Draw(outputs, inputs) : Draw(inputs, outputs), Draw(biases < 0 ? outputs : biases));
            node.Attribute.Add(SiloGraph.Integer("transB", transposed ? 1 : 0));
            node.Attribute.Add(Real("alpha", alpha));
            node.Attribute.Add(Real("beta", beta));
            return node;
        }

        public void MatMul(int inputs, int outputs, bool biasFirst)
        {
            Apply("MatMul", Draw(inputs, outputs));
            string bias = Draw(outputs);
            NodeProto sum = Apply("Add", bias);
            if (biasFirst)
            {
                (sum.Input[0], sum.Input[1]) = (sum.Input[1], sum.Input[0]);
            }
        }

        public void BatchNorm(int width)
        {
            string variance = Draw(width);
            TensorProto tensor = _graph.Initializer[^1];
            _graph.Initializer[^1] = TensorData.Make(variance, [.. TensorData.Floats(tensor).Select(v => 0.5f + (v * v))], width);
            Apply("BatchNormalization", Draw(width), Draw(width), Draw(width), variance).Attribute.Add(Real("epsilon", 1e-3f));
        }

        public void LayerNorm(int width, int axis, bool hasOffset, float epsilon)
        {
            NodeProto node = hasOffset ? Apply("LayerNormalization", Draw(width), Draw(width)) : Apply("LayerNormalization", Draw(width));
            node.Attribute.Add(SiloGraph.Integer("axis", axis));
            node.Attribute.Add(Real("epsilon", epsilon));
        }

        public void Gather(params int[] indices) => Apply("Gather", Constant(indices)).Attribute.Add(SiloGraph.Integer("axis", 1));

        public void Slice(int start, int end) => Apply("Slice", Constant(start), Constant(end), Constant(1));

        public void Reshape(params int[] shape) => Apply("Reshape", Constant(shape));

        private string Constant(params int[] values)
        {
            string name = $"constant{_graph.Initializer.Count}";
            _graph.Initializer.Add(TensorData.Make(name, values));
            return name;
        }

        private string Draw(params int[] dimensions)
        {
            string name = $"weight{_graph.Initializer.Count}";
            int count = dimensions.Aggregate(1, (product, d) => product * d);
            _graph.Initializer.Add(TensorData.Make(name, [.. Enumerable.Range(0, count).Select(_ => 0.5f * (float)_random.NextNormal())], [.. dimensions.Select(d => (long)d)]));
            return name;
        }
    }
}
