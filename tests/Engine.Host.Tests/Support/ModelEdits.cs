using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Engine.Features;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Google.Protobuf;

namespace Engine.Host.Tests.Support;

/// <summary>Copies of a model file with one thing changed.</summary>
internal static class ModelEdits
{
    /// <summary>Names of the float tensors that are matrices.</summary>
    public static IEnumerable<string> WeightTensors(string path) =>
        [.. Read(path).Graph.Initializer.Where(IsWeight).Select(t => t.Name)];

    /// <summary>Changes the weight of the largest magnitude in a tensor.</summary>
    public static byte[] WithWeight(string path, string tensor, Func<float, float> change)
    {
        ModelProto model = Read(path);
        TensorProto proto = model.Graph.Initializer.Single(t => t.Name == tensor);
        float[] values = Floats(proto);
        int largest = Enumerable.Range(0, values.Length).MaxBy(i => Math.Abs(values[i]));
        values[largest] = change(values[largest]);
        byte[] raw = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
        }

        proto.FloatData.Clear();
        proto.RawData = ByteString.CopyFrom(raw);
        return model.ToByteArray();
    }

    /// <summary>Changes the list of features; states the hash of the new list when asked to.</summary>
    public static byte[] WithFeatures(string path, Action<JsonArray> change, bool rehash)
    {
        ModelProto model = Read(path);
        JsonNode contract = JsonNode.Parse(Entry(model, ArtefactKeys.Contract).Value)!;
        change(contract["features"]!.AsArray());
        Entry(model, ArtefactKeys.Contract).Value = contract.ToJsonString();
        if (rehash)
        {
            Entry(model, ArtefactKeys.ContractHash).Value = Hash(contract);
        }

        return model.ToByteArray();
    }

    /// <summary>Changes the contract's sampling, with the hash that belongs to it.</summary>
    public static byte[] WithSampling(string path, string sampling)
    {
        ModelProto model = Read(path);
        JsonNode contract = JsonNode.Parse(Entry(model, ArtefactKeys.Contract).Value)!;
        contract["sampling"] = sampling;
        Entry(model, ArtefactKeys.Contract).Value = contract.ToJsonString();
        Entry(model, ArtefactKeys.ContractHash).Value = Hash(contract);
        return model.ToByteArray();
    }

    /// <summary>Changes the text of a metadata key.</summary>
    public static byte[] WithText(string path, string key, Func<string, string> change)
    {
        ModelProto model = Read(path);
        StringStringEntryProto entry = Entry(model, key);
        string changed = change(entry.Value);
        Assert.That(changed, Is.Not.EqualTo(entry.Value), "the edit changes something");
        entry.Value = changed;
        return model.ToByteArray();
    }

    /// <summary>Names of the features, in order.</summary>
    public static string[] FeatureNames(string path) =>
        [.. JsonNode.Parse(Entry(Read(path), ArtefactKeys.Contract).Value)!["features"]!.AsArray().Select(f => (string)f!["name"]!)];

    private static string Hash(JsonNode contract)
    {
        var features = contract["features"]!.AsArray().Select(f => new FeatureSpec(
            (string)f!["name"]!, (string)f["family"]!, (long)f["window_ns"]!, (string)f["unit"]!));
        return new FeatureContract((string)contract["name"]!, features, (string)contract["sampling"]!).Hash;
    }

    private static ModelProto Read(string path) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));

    private static StringStringEntryProto Entry(ModelProto model, string key) => model.MetadataProps.Single(e => e.Key == key);

    private static bool IsWeight(TensorProto t) => t.DataType == (int)TensorProto.Types.DataType.Float && t.Dims.Count == 2;

    private static float[] Floats(TensorProto tensor)
    {
        if (tensor.RawData.IsEmpty)
        {
            return [.. tensor.FloatData];
        }

        var values = new float[tensor.RawData.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(tensor.RawData.Span[(i * sizeof(float))..]);
        }

        return values;
    }
}
