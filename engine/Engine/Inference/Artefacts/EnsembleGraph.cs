using System.Globalization;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// An ensemble as a standard ONNX graph: `features` [N, F] (or [N, T, F]) → each member's last ticks → its own normaliser → its
/// graph, every name behind `memberI/` → Concat → Gemm → (Sigmoid) → `prediction` [N, 1].
/// </summary>
internal static class EnsembleGraph
{
    private const string MembersName = "members";

    /// <summary>Writes the graph.</summary>
    /// <param name="members">The members' graphs, windows and statistics, all of one contract.</param>
    /// <param name="fusion">What makes one value of theirs.</param>
    /// <exception cref="ArgumentException">A member's graph has parts that cannot be renamed.</exception>
    public static GraphProto Write(IReadOnlyList<ModelArtefact> members, Fusion fusion)
    {
        int features = members[0].Contract.Count;
        InputWindow window = WindowOf(members.Select(m => m.Window));
        var graph = new GraphProto { Name = "ensemble" };
        graph.Input.Add(window.IsSequence ? LstmGraph.Value(SiloGraph.InputName, window.Steps, features) : SiloGraph.Value(SiloGraph.InputName, features));
        if (window is { IsSequence: true, Steps: 1 })
        {
            // [N, 1, F] could as well be N ticks.
            graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 1;
        }

        graph.Output.Add(SiloGraph.Value(SiloGraph.OutputName, 1));
        var outputs = new List<string>();
        for (int i = 0; i < members.Count; i++)
        {
            string input = Normalise(graph, Own(i), Rows(graph, Own(i), window, members[i].Window), members[i].Description);
            outputs.Add(Merge(graph, i, members[i].Graph, input));
        }

        SiloGraph.Node(graph, "Concat", outputs, MembersName).Attribute.Add(SiloGraph.Integer("axis", 1));
        Activation activation = fusion.Kind == FusionKind.Logistic ? Activation.Sigmoid : Activation.Identity;
        SiloGraph.Layers(graph, "fusion", MembersName, [new DenseLayer(fusion.Weights.ToArray(), [fusion.Bias], activation)], SiloGraph.OutputName);
        return graph;
    }

    /// <summary>How the input of an ensemble lies: rows, or the longest of its members' windows.</summary>
    public static InputWindow WindowOf(IEnumerable<InputWindow> members)
    {
        InputWindow[] windows = [.. members.Where(w => w.IsSequence)];
        return windows.Length == 0 ? InputWindow.Row : new InputWindow(windows.Max(w => w.Steps), true, false);
    }

    /// <summary>The graph of one member by itself, its names as they were, but for its input's.</summary>
    /// <exception cref="FormatException">It is not there.</exception>
    public static GraphProto Extract(GraphProto graph, int index, InputWindow window, int featureCount)
    {
        string prefix = Prefix(index);
        NodeProto fused = graph.Node.FirstOrDefault(n => n.OpType == "Concat" && n.Output.Count == 1 && n.Output[0] == MembersName)
            ?? throw new FormatException($"no node makes '{MembersName}'");
        string output = index < fused.Input.Count && fused.Input[index].StartsWith(prefix, StringComparison.Ordinal)
            ? fused.Input[index][prefix.Length..]
            : throw new FormatException($"'{MembersName}' has no part of member {index}");
        var member = new GraphProto { Name = "member" };
        string input = InputOf(index);
        member.Input.Add(window.IsSequence ? LstmGraph.Value(input, window.Steps, featureCount) : SiloGraph.Value(input, featureCount));
        member.Output.Add(SiloGraph.Value(output, 1));
        foreach (TensorProto tensor in graph.Initializer.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            TensorProto own = tensor.Clone();
            own.Name = tensor.Name[prefix.Length..];
            member.Initializer.Add(own);
        }

        foreach (NodeProto node in graph.Node.Where(n => n.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            member.Node.Add(Renamed(node, node.Name[prefix.Length..], n => n.StartsWith(prefix, StringComparison.Ordinal) ? n[prefix.Length..] : n));
        }

        return member;
    }

    /// <summary>The bytes of an ensemble's model whose outputs are the prediction and then each member's value.</summary>
    public static byte[] WithMemberOutputs(ReadOnlySpan<byte> bytes, int members)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(bytes);
        NodeProto fused = model.Graph.Node.First(n => n.OpType == "Concat" && n.Output.Count == 1 && n.Output[0] == MembersName);
        for (int i = 0; i < members; i++)
        {
            model.Graph.Output.Add(SiloGraph.Value(fused.Input[i], 1));
        }

        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }

    private static string Prefix(int index) => string.Create(CultureInfo.InvariantCulture, $"member{index}/");

    private static string Own(int index) => string.Create(CultureInfo.InvariantCulture, $"member{index}:");

    private static string InputOf(int index) => Own(index) + "input";

    /// <summary>What of the ensemble's input a member reads: the last tick, its own last ticks, or all of it.</summary>
    private static string Rows(GraphProto graph, string own, InputWindow window, InputWindow member)
    {
        string rows = SiloGraph.InputName;
        if (window.IsSequence && !member.IsSequence)
        {
            graph.Initializer.Add(Scalar($"{own}last", window.Steps - 1));
            SiloGraph.Node(graph, "Gather", [rows, $"{own}last"], $"{own}rows").Attribute.Add(SiloGraph.Integer("axis", 1));
            return $"{own}rows";
        }

        if (member.Steps < window.Steps)
        {
            graph.Initializer.Add(TensorData.Make($"{own}first", [window.Steps - member.Steps]));
            graph.Initializer.Add(TensorData.Make($"{own}end", [window.Steps]));
            graph.Initializer.Add(TensorData.Make($"{own}axis", [1]));
            SiloGraph.Node(graph, "Slice", [rows, $"{own}first", $"{own}end", $"{own}axis"], $"{own}rows");
            rows = $"{own}rows";
        }

        if (member.IsTimeFirst)
        {
            SiloGraph.Node(graph, "Transpose", [rows], $"{own}ticks").Attribute.Add(LstmGraph.Integers("perm", 1, 0, 2));
            rows = $"{own}ticks";
        }

        return rows;
    }

    /// <summary>(x − mean) × inverse deviation within the clip, and 0 where that is not a finite number; or the ranks; or x as it is.</summary>
    private static string Normalise(GraphProto graph, string own, string rows, ArtefactDescription description)
    {
        string input = $"{own}input";
        if (description.IsRaw)
        {
            SiloGraph.Node(graph, "Identity", [rows], input);
            return input;
        }

        if (description.Ranks is { } ranks)
        {
            return Finite(graph, own, rows, RankGraph.Write(graph, own, rows, ranks));
        }

        float[] scale = [.. description.Deviation.ToArray().Select(d => d == 0 ? 0 : 1f / d)];
        graph.Initializer.Add(TensorData.Make($"{own}mean", description.Mean.Span, description.Mean.Length));
        graph.Initializer.Add(TensorData.Make($"{own}scale", scale, scale.Length));
        SiloGraph.Node(graph, "Sub", [rows, $"{own}mean"], $"{own}centred");
        SiloGraph.Node(graph, "Mul", [$"{own}centred", $"{own}scale"], $"{own}scaled");
        string bounded = $"{own}scaled";
        if (float.IsFinite(description.Clip))
        {
            graph.Initializer.Add(TensorData.Make($"{own}least", [-description.Clip], 1));
            graph.Initializer.Add(TensorData.Make($"{own}most", [description.Clip], 1));
            SiloGraph.Node(graph, "Max", [bounded, $"{own}least"], $"{own}raised");
            SiloGraph.Node(graph, "Min", [$"{own}raised", $"{own}most"], $"{own}clipped");
            bounded = $"{own}clipped";
        }

        return Finite(graph, own, $"{own}scaled", bounded);
    }

    /// <summary>Values where what they are made of is a finite number, and 0 elsewhere.</summary>
    private static string Finite(GraphProto graph, string own, string of, string values)
    {
        graph.Initializer.Add(TensorData.Make($"{own}zero", [0f], 1));
        SiloGraph.Node(graph, "IsNaN", [of], $"{own}nan");
        SiloGraph.Node(graph, "IsInf", [of], $"{own}infinite");
        SiloGraph.Node(graph, "Or", [$"{own}nan", $"{own}infinite"], $"{own}missing");
        SiloGraph.Node(graph, "Where", [$"{own}missing", $"{own}zero", values], $"{own}input");
        return $"{own}input";
    }

    /// <summary>Adds a member's nodes and constants under its prefix; gives back the name of its output.</summary>
    private static string Merge(GraphProto graph, int index, GraphProto member, string input)
    {
        string prefix = Prefix(index);
        var constants = member.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        string from = member.Input.Select(v => v.Name).First(n => !constants.Contains(n));
        foreach (TensorProto tensor in member.Initializer)
        {
            TensorProto own = tensor.Clone();
            own.Name = prefix + tensor.Name;
            graph.Initializer.Add(own);
        }

        foreach (NodeProto node in member.Node)
        {
            graph.Node.Add(Renamed(node, prefix + node.Name, n => n == from ? input : prefix + n));
        }

        return prefix + member.Output[0].Name;
    }

    private static NodeProto Renamed(NodeProto node, string name, Func<string, string> rename)
    {
        NodeProto renamed = node.Clone();
        renamed.Name = name;
        for (int i = 0; i < node.Input.Count; i++)
        {
            renamed.Input[i] = node.Input[i].Length == 0 ? "" : rename(node.Input[i]);
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            renamed.Output[i] = node.Output[i].Length == 0 ? "" : rename(node.Output[i]);
        }

        return renamed;
    }

    private static TensorProto Scalar(string name, int value)
    {
        TensorProto tensor = TensorData.Make(name, [value]);
        tensor.Dims.Clear();
        return tensor;
    }
}
