using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.TestKit.Inference;

namespace Engine.Tests.Inference.Trees;

public class TreeGraphTests
{
    private const int Features = 10;

    [Test]
    public void What_is_written_is_recognised_again([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        NaiveForest forest = NaiveForest.Random(random, Features, 20, 6, NaiveForest.NativeModes);
        TreeEnsemble first = ForestModels.Recognised(ForestModels.Graph(forest), Features);
        var ensemble = new TreeEnsemble(
            Features, first.Trees, first.Aggregate, first.BaseValue, seed % 2 == 0 ? 1 : 0.7f, seed % 3 == 0 ? Activation.Sigmoid : Activation.Identity);
        GraphProto graph = TreeGraph.Write(ensemble);
        TreeEnsemble again = ForestModels.Recognised(graph, Features);
        GraphProto second = TreeGraph.Write(again);
        Assert.That(TreeGraph.Write(ForestModels.Recognised(second, Features)).Equals(second), "written again, in the order in which it was read");
        using var one = new NativeTreePredictor(ensemble, KernelChoice.Best);
        using var two = new NativeTreePredictor(again, KernelChoice.Best);
        using var ort = new OrtPredictor(ForestModels.File(graph, Features, _ => 0, [new float[Features]]), Features);
        for (int i = 0; i < 100; i++)
        {
            float[] row = forest.Row(random);
            float value = one.Predict(row);
            Assert.That(two.Predict(row), Is.EqualTo(value));
            Assert.That(Predictor.DifferenceRatio(value, ort.Predict(row)), Is.LessThanOrEqualTo(1), $"seed {seed}, row {i}");
        }
    }

    [TestCase(false, "LOGISTIC")]
    [TestCase(true, "NONE")]
    public void A_binary_classifier_gives_the_probability_of_its_second_class(bool both, string transform)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SeededRandom(seed);
            NaiveForest drawn = NaiveForest.Random(random, Features, 15, 5, NaiveForest.NativeModes);
            var forest = new NaiveForest { FeatureCount = Features, Trees = drawn.Trees, Base = both ? 0 : drawn.Base };
            GraphProto graph = ForestModels.Classifier(forest, both, transform);
            using var native = new NativeTreePredictor(ForestModels.Recognised(graph, Features), KernelChoice.Best);
            using var ort = new OrtPredictor(ForestModels.File(graph, Features, _ => 0, [new float[Features]]), Features);
            for (int i = 0; i < 100; i++)
            {
                float[] row = forest.Row(random);
                double sum = forest.Evaluate(row);
                double expected = both ? (0.5 * forest.Trees.Count) - sum : 1 / (1 + Math.Exp(-sum));
                Assert.That(native.Predict(row), Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}, row {i}");
                Assert.That(Predictor.DifferenceRatio(native.Predict(row), ort.Predict(row)), Is.LessThanOrEqualTo(1), $"seed {seed}, row {i}");
            }
        }
    }

    [TestCase("BRANCH_EQ")]
    [TestCase("BRANCH_NEQ")]
    public void Splits_without_a_native_kernel_are_named_and_run_in_ONNX_Runtime(string mode)
    {
        var random = new SeededRandom(3);
        NaiveForest forest = NaiveForest.Random(random, Features, 5, 4, [mode], stopping: 0);
        ModelArtefact artefact = ModelArtefact.Parse(ForestModels.File(forest, random));
        Assert.That(artefact.Trees, Is.Null);
        Assert.That(artefact.WhyNotNative, Does.Contain(mode).And.Contain("trees"));
        Assert.That(() => PredictorFactory.Create(artefact, InferenceMode.Native, Kernel.Scalar),
            Throws.TypeOf<ArtefactException>().With.Message.Contains(mode).And.Message.Contains("--inference ort"));
        using Predictor ort = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar);
        float[] row = forest.Row(random);
        Assert.That(ort.Predict(row), Is.EqualTo(forest.Evaluate(row)).Within(1e-4));
    }

    [Test]
    public void What_else_may_be_in_such_a_graph_is_named()
    {
        Refused("n_targets 2", n => ForestModels.Set(n, "n_targets", 2), "2 targets");
        Refused("post transform", n => ForestModels.Set(n, "post_transform", "LOGISTIC"), "post_transform LOGISTIC");
        Refused("aggregate", n => ForestModels.Set(n, "aggregate_function", "MEDIAN"), "MEDIAN");
        Refused("float64", n => ForestModels.Set(n, "nodes_values_as_tensor", 0), "float64");
        Refused("base", n => ForestModels.Set(n, "base_values", [1f, 2f]), "2 base values");
        Refused("other input", n => n.Input[0] = "elsewhere", "does not read the graph's input");
        Refused("a leaf without a weight", n =>
        {
            foreach (string list in new[] { "target_treeids", "target_nodeids", "target_ids" })
            {
                ForestModels.Attribute(n, list).Ints.RemoveAt(0);
            }

            ForestModels.Attribute(n, "target_weights").Floats.RemoveAt(0);
        }, "leaf without a weight");

        static void Refused(string what, Action<NodeProto> change, string word)
        {
            GraphProto graph = ForestModels.Graph(Small());
            change(graph.Node[0]);
            Assert.That(TreeGraph.TryRecognise(graph, Features, out _, out string? reason), Is.False, what);
            Assert.That(reason, Does.Contain(word), what);
        }
    }

    [Test]
    public void A_table_that_is_no_table_of_trees_is_refused_at_load()
    {
        Refused("a circle", n => ForestModels.Attribute(n, "nodes_truenodeids").Ints[2] = 0, "another parent");
        Refused("two parents", n => ForestModels.Attribute(n, "nodes_truenodeids").Ints[0] = ForestModels.Attribute(n, "nodes_falsenodeids").Ints[0], "another parent");
        Refused("a missing child", n => ForestModels.Attribute(n, "nodes_falsenodeids").Ints[0] = 999, "missing");
        Refused("a short list", n => ForestModels.Attribute(n, "nodes_featureids").Ints.RemoveAt(0), "differ in length");
        Refused("a node twice", n => ForestModels.Attribute(n, "nodes_nodeids").Ints[1] = 0, "twice");
        Refused("a mode", n => ForestModels.Attribute(n, "nodes_modes").Strings[0] = Google.Protobuf.ByteString.CopyFromUtf8("BRANCH_MAYBE"), "BRANCH_MAYBE");
        Refused("a threshold", n => ForestModels.Attribute(n, "nodes_values").Floats[0] = float.NaN, "finite");
        Refused("a feature", n => ForestModels.Attribute(n, "nodes_featureids").Ints[0] = Features, "feature 10, the contract has 10");
        Refused("a negative feature", n => ForestModels.Attribute(n, "nodes_featureids").Ints[0] = -1, "feature -1");
        Refused("an empty table", n => n.Attribute.Clear(), "empty");

        static void Refused(string what, Action<NodeProto> change, string word)
        {
            GraphProto graph = ForestModels.Graph(Small());
            change(graph.Node[0]);
            byte[] file = ForestModels.File(graph, Features, _ => 0, [new float[Features]]);
            Assert.That(() => ModelArtefact.Parse(file), Throws.TypeOf<ArtefactException>().With.Message.Contains(word), what);
        }
    }

    [Test]
    public void A_table_behind_an_Identity_is_checked_like_one_at_the_input()
    {
        GraphProto graph = ForestModels.Graph(Small());
        var identity = new NodeProto { OpType = "Identity", Name = "same" };
        identity.Input.Add(SiloGraph.InputName);
        identity.Output.Add("same");
        graph.Node[0].Input[0] = "same";
        graph.Node.Insert(0, identity);
        Assert.That(ForestModels.Recognised(graph, Features).Trees, Is.Not.Empty);
        ForestModels.Attribute(graph.Node[1], "nodes_featureids").Ints[0] = 1_000_000_000;
        byte[] file = ForestModels.File(graph, Features, _ => 0, [new float[Features]]);
        Assert.That(() => ModelArtefact.Parse(file), Throws.TypeOf<ArtefactException>().With.Message.Contains("feature 1000000000, the contract has 10"));
    }

    [Test]
    public void The_operator_of_version_5_gives_what_the_older_one_gives([Range(1, 5)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        NaiveForest drawn = NaiveForest.Random(random, Features, 20, 6, NaiveForest.NativeModes);
        var forest = new NaiveForest { FeatureCount = Features, Trees = drawn.Trees, Aggregate = drawn.Aggregate };
        GraphProto graph = ForestModels.Version5(forest);
        using var native = new NativeTreePredictor(ForestModels.Recognised(graph, Features), KernelChoice.Best);
        ModelProto model = ModelProto.Parser.ParseFrom(ForestModels.File(graph, Features, _ => 0, [new float[Features]]));
        model.OpsetImport.Single(o => o.Domain == "ai.onnx.ml").Version = 5;
        using var ort = new OrtPredictor(Google.Protobuf.MessageExtensions.ToByteArray(model), Features);
        for (int i = 0; i < 100; i++)
        {
            float[] row = forest.Row(random);
            double expected = forest.Evaluate(row);
            Assert.That(native.Predict(row), Is.EqualTo(expected).Within(1e-4 * Math.Max(1, Math.Abs(expected))), $"seed {seed}, row {i}");
            Assert.That(Predictor.DifferenceRatio(native.Predict(row), ort.Predict(row)), Is.LessThanOrEqualTo(1), $"seed {seed}, row {i}");
        }
    }

    [Test]
    public void What_is_wrong_with_a_table_of_version_5_is_refused_at_load()
    {
        Refused("a feature", n => ForestModels.Attribute(n, "nodes_featureids").Ints[0] = Features, "feature 10, the contract has 10");
        Refused("a circle", n => ForestModels.Attribute(n, "nodes_truenodeids").Ints[Split(n)] = 0, "another parent");
        Refused("a missing split", n => ForestModels.Attribute(n, "nodes_truenodeids").Ints[Split(n)] = 9_999, "split 9999, which is missing");
        Refused("a missing leaf", n => ForestModels.Attribute(n, "nodes_falsenodeids").Ints[ForestModels.Attribute(n, "nodes_falseleafs").Ints.IndexOf(1)] = -1, "leaf -1");
        Refused("a missing root", n => ForestModels.Attribute(n, "tree_roots").Ints[0] = 9_999, "split 9999");
        Refused("a target", n => ForestModels.Attribute(n, "leaf_targetids").Ints[0] = 3, "other targets than its 1");
        Refused("a short list", n => ForestModels.Attribute(n, "nodes_trueleafs").Ints.RemoveAt(0), "differ in length");
        Refused("a function", n => ForestModels.Set(n, "aggregate_function", 9), "aggregate_function 9");

        static int Split(NodeProto n) => ForestModels.Attribute(n, "nodes_trueleafs").Ints.IndexOf(0);

        static void Refused(string what, Action<NodeProto> change, string word)
        {
            GraphProto graph = ForestModels.Version5(Small());
            change(graph.Node[0]);
            byte[] file = ForestModels.File(graph, Features, _ => 0, [new float[Features]]);
            Assert.That(() => ModelArtefact.Parse(file), Throws.TypeOf<ArtefactException>().With.Message.Contains(word), what);
        }
    }

    [Test]
    public void Members_of_sets_are_named_and_left_to_ONNX_Runtime()
    {
        GraphProto graph = ForestModels.Version5(Small());
        TensorProto modes = ForestModels.Attribute(graph.Node[0], "nodes_modes").T;
        modes.RawData = Google.Protobuf.ByteString.CopyFrom(Enumerable.Repeat((byte)6, modes.RawData.Length).ToArray());
        ModelArtefact artefact = ModelArtefact.Parse(ForestModels.File(graph, Features, _ => 0, [new float[Features]]));
        Assert.That(() => PredictorFactory.Create(artefact, InferenceMode.Native, Kernel.Scalar),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("TreeEnsemble) has splits of mode BRANCH_MEMBER").And.Message.Contains("--inference ort"));
    }

    [Test]
    public void Rows_pass_raw_where_the_file_says_so_and_are_counted()
    {
        var random = new SeededRandom(4);
        NaiveForest forest = Small();
        ModelArtefact artefact = ModelArtefact.Parse(ForestModels.File(forest, random));
        Assert.That(artefact.Description.IsRaw);
        var normaliser = artefact.CreateNormaliser();
        float[] row = [float.NaN, 2e30f, float.PositiveInfinity, .. new float[Features - 3]];
        var passed = new float[Features];
        Assert.That(normaliser.Apply(row, passed), Is.EqualTo(2));
        Assert.That(passed, Is.EqualTo(row));
        Assert.That(normaliser.Missing.ToArray(), Is.EqualTo(new long[] { 1, 0, 1, 0, 0, 0, 0, 0, 0, 0 }));
        using Predictor both = PredictorFactory.Create(artefact, InferenceMode.Both, KernelChoice.Best);
        Assert.That(both.Predict(row), Is.EqualTo(forest.Evaluate(row)).Within(1e-5));
    }

    [Test]
    public void A_changed_leaf_is_caught_by_the_golden_vectors()
    {
        NaiveForest forest = Small();
        GraphProto graph = ForestModels.Graph(forest);
        Google.Protobuf.Collections.RepeatedField<float> weights = ForestModels.Attribute(graph.Node[0], "target_weights").Floats;
        for (int i = 0; i < weights.Count; i++)
        {
            weights[i] *= 1.01f;
        }

        var random = new SeededRandom(5);
        byte[] file = ForestModels.File(graph, Features, r => forest.Evaluate(r), Enumerable.Range(0, 4).Select(_ => forest.Row(random, 0)));
        Assert.That(() => PredictorFactory.Create(ModelArtefact.Parse(file), InferenceMode.Native, KernelChoice.Best),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("golden vector"));
    }

    [Test]
    public void Damaged_files_are_refused_or_work([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        byte[] good = ForestModels.File(Small(), random);
        for (int i = 0; i < 300; i++)
        {
            var bytes = (byte[])good.Clone();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            TryBoth(bytes, $"seed {seed}, file {i}");
        }
    }

    [Test]
    public void Damaged_tables_are_refused_or_work([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        for (int i = 0; i < 100; i++)
        {
            GraphProto graph = ForestModels.Graph(Small());
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                AttributeProto list = graph.Node[0].Attribute[random.Next(graph.Node[0].Attribute.Count)];
                if (list.Ints.Count != 0)
                {
                    list.Ints[random.Next(list.Ints.Count)] = random.Chance(0.8) ? random.Next(-1, 20) : (long)random.NextUInt64();
                }
                else if (list.Floats.Count != 0)
                {
                    list.Floats[random.Next(list.Floats.Count)] = BitConverter.UInt32BitsToSingle((uint)random.NextUInt64());
                }
            }

            TryBoth(ForestModels.File(graph, Features, _ => 0, [new float[Features]]), $"seed {seed}, file {i}");
        }
    }

    private static NaiveForest Small()
    {
        NaiveForest drawn = NaiveForest.Random(new SeededRandom(9), Features, 4, 3, NaiveForest.NativeModes, stopping: 0);
        return new NaiveForest { FeatureCount = Features, Trees = drawn.Trees };
    }

    private static void TryBoth(byte[] bytes, string what)
    {
        foreach (InferenceMode mode in new[] { InferenceMode.Native, InferenceMode.Ort })
        {
            try
            {
                PredictorFactory.Create(ModelArtefact.Parse(bytes), mode, KernelChoice.Best).Dispose();
            }
            catch (ArtefactException)
            {
                // Refused by name.
            }
            catch (Exception e)
            {
                Assert.Fail($"{what}, {mode}: {e}");
            }
        }
    }
}
