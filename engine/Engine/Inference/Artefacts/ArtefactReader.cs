using System.Globalization;
using System.Text.Json;
using Engine.Features;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Google.Protobuf;

namespace Engine.Inference.Artefacts;

/// <summary>Reads an artefact and makes every check that needs no kernel. Each refusal is an <see cref="ArtefactException"/>.</summary>
internal sealed class ArtefactReader
{
    private const string ExportAgain = "export the model again";

    // A dimension without a number. No file can have it as one: it would be refused as it is.
    private const long Unknown = long.MinValue;

    private readonly string _path;
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    private ArtefactReader(string path) => _path = path;

    /// <summary>Reads, checks.</summary>
    /// <exception cref="ArtefactException">The first thing that is wrong.</exception>
    public static ModelArtefact Read(byte[] bytes, string path, FeatureContract? engineContract)
    {
        var reader = new ArtefactReader(path);
        ModelProto model = reader.ParseModel(bytes);
        reader.TakeKeys(model);
        FeatureContract contract = reader.ReadContract();
        reader.CompareContract(contract, engineContract);
        ArtefactDescription description = reader.ReadDescription(contract);
        InputWindow window = reader.ReadWindow(model.Graph, contract.Count);
        reader.CheckSequence(description, window);
        reader.CheckTensors(model.Graph);
        reader.CheckTrees(model.Graph, contract.Count);
        if (description.Ensemble is null)
        {
            return new ModelArtefact(path, bytes, model, description, window);
        }

        ModelArtefact[] members = EnsembleMembers.Of(path, model, description, window);
        Array.ForEach(members, m => reader.CheckTrees(m.Graph, contract.Count));
        return new ModelArtefact(path, bytes, model, description, window, members: members);
    }

    private ModelProto ParseModel(byte[] bytes)
    {
        string? other = FileKind.Recognise(bytes);
        if (other is not null)
        {
            throw Refuse($"not an ONNX model but {other}; give --model an .onnx file");
        }

        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Refuse($"not an ONNX model, or a damaged one: {e.Message}");
        }

        return model.Graph is null ? throw Refuse("not an ONNX model: it holds no graph") : model;
    }

    private void TakeKeys(ModelProto model)
    {
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            if (!_texts.TryAdd(entry.Key, entry.Value))
            {
                throw Refuse($"metadata key '{entry.Key}' occurs twice; {ExportAgain}");
            }
        }

        if (!_texts.TryGetValue(ArtefactKeys.Version, out string? version))
        {
            throw Refuse($"an ONNX model without the key '{ArtefactKeys.Version}', so not an artefact: its features are unknown; export it with the engine's own exporter");
        }

        if (version != ArtefactKeys.CurrentVersion)
        {
            throw Refuse($"artefact version '{version}', this engine reads '{ArtefactKeys.CurrentVersion}'; {ExportAgain}");
        }
    }

    private FeatureContract ReadContract()
    {
        FeatureContract contract = Json(ArtefactKeys.Contract, ArtefactJson.ReadContract);
        string stated = Text(ArtefactKeys.ContractHash);
        return string.Equals(stated, contract.Hash, StringComparison.Ordinal)
            ? contract
            : throw Refuse($"{ArtefactKeys.ContractHash} is {stated} but the feature list in the same file hashes to {contract.Hash}: one of them was edited; {ExportAgain}");
    }

    private void CompareContract(FeatureContract contract, FeatureContract? engineContract)
    {
        string? difference = engineContract?.FirstDifference(contract);
        if (difference is not null)
        {
            throw Refuse($"the model was made for another contract than the engine's (here: the engine, there: the model): {difference}; use a model of contract {engineContract!.Hash}");
        }
    }

    private ArtefactDescription ReadDescription(FeatureContract contract)
    {
        NormaliserForm normaliser = Json(ArtefactKeys.Normaliser, json => NormaliserJson.Read(json, contract));
        string horizon = Text(ArtefactKeys.Horizon);
        if (!long.TryParse(horizon, NumberStyles.None, CultureInfo.InvariantCulture, out long horizonNanos))
        {
            throw Refuse($"{ArtefactKeys.Horizon} is '{horizon}', not a whole number of nanoseconds; {ExportAgain}");
        }

        string weights = Text(ArtefactKeys.Weights);
        if (weights is not (ArtefactDescription.Seeded or ArtefactDescription.Trained))
        {
            throw Refuse($"{ArtefactKeys.Weights} is '{weights}', not '{ArtefactDescription.Seeded}' or '{ArtefactDescription.Trained}'; {ExportAgain}");
        }

        return new ArtefactDescription
        {
            Contract = contract,
            Mean = normaliser.Mean,
            Deviation = normaliser.Deviation,
            IsRaw = normaliser.IsRaw,
            Clip = normaliser.Clip,
            Ranks = normaliser.Ranks,
            Label = Text(ArtefactKeys.Label),
            HorizonNanos = horizonNanos,
            TrainingSplit = Json(ArtefactKeys.TrainingSplit, ArtefactJson.ReadTexts),
            Weights = weights,
            Sequence = ReadSequence(),
            Ensemble = _texts.ContainsKey(ArtefactKeys.Ensemble) ? Json(ArtefactKeys.Ensemble, json => EnsembleJson.Read(json, contract)) : null,
            Note = _texts.GetValueOrDefault(ArtefactKeys.Note, string.Empty),
            Golden = Json(ArtefactKeys.Golden, json => ArtefactJson.ReadGolden(json, contract.Count)),
        };
    }

    private SequenceMode ReadSequence()
    {
        string name = _texts.GetValueOrDefault(ArtefactKeys.Sequence, ArtefactJson.SequenceNames[0]);
        int mode = Array.IndexOf(ArtefactJson.SequenceNames, name);
        return mode >= 0
            ? (SequenceMode)mode
            : throw Refuse($"{ArtefactKeys.Sequence} is '{name}', not '{string.Join("' or '", ArtefactJson.SequenceNames)}'; {ExportAgain}");
    }

    private InputWindow ReadWindow(GraphProto graph, int features)
    {
        var constants = graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        long[] input = Shape("input", graph.Input.Where(i => !constants.Contains(i.Name)).ToArray(), out string inputText);
        InputWindow? window = (input switch
        {
            [var n, var f] when n is Unknown or 1 && f == features => InputWindow.Row,
            [var n, var t, var f] when n is Unknown or 1 && f == features && (t > 1 || (n, t) == (1, 1)) => new InputWindow(Steps(t), true, false),
            [var t, var n, var f] when n is Unknown or 1 && f == features && t > 1 => new InputWindow(Steps(t), true, true),
            _ => (InputWindow?)null,
        }) ?? throw Refuse($"{inputText}, [?, {features}] is expected, or a window of T ticks as [1, T, {features}] or [T, 1, {features}] with T a number (the contract's features)");
        long[] output = Shape("output", graph.Output, out string outputText);
        return output is [var rows, 1] && rows is Unknown or 1 ? window.Value : throw Refuse($"{outputText}, [?, 1] is expected (one prediction)");
    }

    private int Steps(long steps) => steps <= LstmNetwork.MaxSteps
        ? (int)steps
        : throw Refuse($"the input is a window of {steps} ticks; at most {LstmNetwork.MaxSteps} are allowed");

    // The dimensions; those without a number are Unknown.
    private long[] Shape(string which, IReadOnlyList<ValueInfoProto> values, out string text)
    {
        if (values.Count != 1)
        {
            throw Refuse($"the graph has {values.Count} {which}s; one is expected");
        }

        ValueInfoProto value = values[0];
        TypeProto.Types.Tensor? tensor = value.Type?.TensorType;
        if (tensor?.Shape is null || tensor.ElemType != (int)TensorProto.Types.DataType.Float)
        {
            throw Refuse($"{which} '{value.Name}' is not a float32 tensor of a known shape");
        }

        long[] shape = [.. tensor.Shape.Dim.Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : Unknown)];
        string lengths = string.Join(", ", shape.Select(d => d == Unknown ? "?" : d.ToString(CultureInfo.InvariantCulture)));
        text = $"{which} '{value.Name}' has the shape [{lengths}]";
        return shape;
    }

    private void CheckSequence(ArtefactDescription description, InputWindow window)
    {
        if (!window.IsSequence && description.Sequence != SequenceMode.Windows)
        {
            throw Refuse($"{ArtefactKeys.Sequence} is for models of windows, but this one reads a row; {ExportAgain}");
        }

        if (description is { Sequence: SequenceMode.Streaming, Ensemble: not null })
        {
            throw Refuse($"{ArtefactKeys.Sequence} of an ensemble is '{ArtefactJson.SequenceNames[(int)SequenceMode.Streaming]}', but its members read windows: no graph carries a state beside others; {ExportAgain}");
        }

        if (window.IsSequence && description is { IsRaw: true, Ensemble: null })
        {
            throw Refuse($"{ArtefactKeys.Normaliser} of kind none is not for models of windows, where one missing value would stay; {ExportAgain}");
        }

        if (description.Golden.WarmUp != window.Steps - 1)
        {
            throw Refuse($"{ArtefactKeys.Golden} begins with {description.Golden.WarmUp} outputs that are null, {window.Steps - 1} are expected: a model of {window.Steps} ticks answers from tick {window.Steps} on; {ExportAgain}");
        }
    }

    private void CheckTensors(GraphProto graph)
    {
        NodeProto? odd = graph.Node.FirstOrDefault(n => n.OpType == "Constant" && n.Attribute.Any(a => !float.IsFinite(a.F) || a.Floats.Any(v => !float.IsFinite(v))));
        if (odd is not null)
        {
            throw Refuse($"constant '{odd.Name}' holds a value that is not a finite number; train and {ExportAgain}");
        }

        IEnumerable<TensorProto> constants = graph.Node.SelectMany(n => n.Attribute).Select(a => a.T).Where(t => t is not null);
        foreach (TensorProto tensor in graph.Initializer.Concat(constants))
        {
            float[] values = [];
            try
            {
                switch ((TensorProto.Types.DataType)tensor.DataType)
                {
                    case TensorProto.Types.DataType.Float:
                        values = TensorData.Floats(tensor);
                        break;
                    case TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Int64:
                        _ = TensorData.Integers(tensor);
                        break;
                }
            }
            catch (FormatException e)
            {
                throw Refuse(e.Message);
            }

            int bad = Array.FindIndex(values, v => !float.IsFinite(v));
            if (bad >= 0)
            {
                throw Refuse($"weight {bad} of tensor '{tensor.Name}' is {values[bad].ToString(CultureInfo.InvariantCulture)}, not a finite number; train and {ExportAgain}");
            }
        }
    }

    // ONNX Runtime walks a table as it finds it.
    private void CheckTrees(GraphProto graph, int features)
    {
        foreach (NodeProto node in graph.Node.Where(TreeTable.IsIn))
        {
            try
            {
                TreeTable table = TreeTable.Of(node);
                bool input = node.Input.Count != 0 && new GraphIndex(graph).IsInput(node.Input[0]);
                long bound = table.FeatureBound();
                if (input && bound > features)
                {
                    throw table.Bad($"reads feature {bound - 1}, the contract has {features}");
                }
            }
            catch (FormatException e)
            {
                throw Refuse($"{e.Message}; {ExportAgain}");
            }
        }
    }

    private string Text(string key) =>
        _texts.TryGetValue(key, out string? value) ? value : throw Refuse($"the key '{key}' is missing; {ExportAgain}");

    private T Json<T>(string key, Func<JsonElement, T> read)
    {
        string text = Text(key);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw Refuse($"{key} is not as specified: {e.Message}");
        }
    }

    private ArtefactException Refuse(string what) => new(_path, what);
}
