using System.Security.Cryptography;
using Engine.Features;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// A model file: a standard ONNX graph together with its contract, statistics, label and golden vectors (ARTEFACT.md).
/// Immutable, and checked when loaded; the golden vectors are replayed by <see cref="PredictorFactory"/>, through the
/// predictor that will run.
/// </summary>
public sealed class ModelArtefact
{
    /// <summary>Largest file that is read, bytes.</summary>
    public const long MaxFileBytes = 256L << 20;

    private readonly byte[] _bytes;

    internal ModelArtefact(string path, byte[] bytes, ModelProto model, ArtefactDescription description, InputWindow window, string? sha256 = null, ModelArtefact[]? members = null)
    {
        Path = path;
        _bytes = bytes;
        Sha256 = sha256 ?? Convert.ToHexStringLower(SHA256.HashData(bytes));
        Graph = model.Graph;
        OperatorSets = [.. model.OpsetImport];
        Description = description;
        Window = window;
        if (members is not null)
        {
            Members = members;
            WhyNotNative = Array.Find(members, m => m.WhyNotNative is not null) is { } odd ? $"{odd.Path}: {odd.WhyNotNative}" : null;
            return;
        }

        string? reason;
        if (window.IsSequence)
        {
            Lstm = LstmGraph.TryRecognise(Graph, window, description.Contract.Count, description.Sequence, out LstmNetwork? lstm, out reason) ? lstm : null;
        }
        else
        {
            (Silo, Dense, reason) = Feedforward(Graph, description.Contract.Count);
        }

        WhyNotNative = reason;
        if (TreeRecogniser.HasTrees(Graph))
        {
            Trees = TreeGraph.TryRecognise(Graph, description.Contract.Count, out TreeEnsemble? trees, out reason) ? trees : null;
            WhyNotNative = reason;
        }
    }

    /// <summary>Where it was read from; `-` where there is no file.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the file's bytes, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>The file's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>All that the file says beside its graph.</summary>
    public ArtefactDescription Description { get; }

    /// <summary>The features that the model reads, and when.</summary>
    public FeatureContract Contract => Description.Contract;

    /// <summary>How the graph's input lies: a row, or a window of ticks.</summary>
    public InputWindow Window { get; }

    /// <summary>The network, if the graph is a silo network that the native kernels run; otherwise null.</summary>
    public SiloNetwork? Silo { get; }

    /// <summary>The network, if the graph is a chain of dense layers that the native kernels run; otherwise null.</summary>
    public DenseNetwork? Dense { get; }

    /// <summary>The network, if the graph is an LSTM that the native kernels run; otherwise null.</summary>
    public LstmNetwork? Lstm { get; }

    /// <summary>The tree ensemble, if the graph is one that the native kernels run; otherwise null.</summary>
    public TreeEnsemble? Trees { get; }

    /// <summary>Of an ensemble: its members, each a graph of its own with its own statistics; otherwise empty.</summary>
    public IReadOnlyList<ModelArtefact> Members { get; } = [];

    /// <summary>Why no native kernel runs the graph; null where one does.</summary>
    public string? WhyNotNative { get; }

    /// <summary>Whether the prediction is a probability, by the graph's last operator.</summary>
    public bool IsProbability => OutputKind.IsProbability(Graph);

    /// <summary>
    /// A decision is whether a prediction is above this: 0.5 of a probability, otherwise 0. Of a weighted sum of members' values it is the
    /// same sum of the members' own, without the bias, which moves the prediction: 0.5 of a mean of probabilities.
    /// </summary>
    public float DecisionThreshold
    {
        get
        {
            if (Description.Ensemble is not { Fusion: { Kind: FusionKind.Weighted } fusion })
            {
                return IsProbability ? 0.5f : 0f;
            }

            float sum = 0;
            for (int i = 0; i < Members.Count; i++)
            {
                sum += fusion.Weights[i] * Members[i].DecisionThreshold;
            }

            return sum;
        }
    }

    /// <summary>The graph as it is in the file.</summary>
    internal GraphProto Graph { get; }

    /// <summary>What the graph's nodes are from.</summary>
    internal IReadOnlyList<OperatorSetIdProto> OperatorSets { get; }

    /// <summary>A normaliser with the file's statistics, its counters at zero.</summary>
    public Normaliser CreateNormaliser() => Description.CreateNormaliser();

    // A graph that concatenates is spoken of as silos, any other as a chain.
    private static (SiloNetwork? Silo, DenseNetwork? Dense, string? Reason) Feedforward(GraphProto graph, int features)
    {
        if (SiloGraph.TryRecognise(graph, features, out SiloNetwork? silo, out string? reason) && silo!.Silos.Count > 0)
        {
            return (silo, null, null);
        }

        return DenseGraph.TryRecognise(graph, features, out DenseNetwork? dense, out string? why) ? (null, dense, null)
            : silo is not null ? (silo, null, null)
            : (null, null, graph.Node.Any(n => n.OpType == "Concat") ? reason : why);
    }

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">An ONNX file with the keys of <see cref="ArtefactKeys"/>.</param>
    /// <param name="engineContract">The contract that the engine computes; null to accept the file's own.</param>
    /// <exception cref="ArtefactException">The file cannot be read, is not an artefact, or is at odds with itself or the engine.</exception>
    public static ModelArtefact Load(string path, FeatureContract? engineContract = null)
    {
        byte[] bytes;
        try
        {
            bytes = ReadBounded(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ArtefactException(path, $"the model file cannot be read: {e.Message}");
        }

        return Parse(bytes, path, engineContract);
    }

    /// <summary>Reads a file, a pipe or a device, but no more of it than a model may have.</summary>
    private static byte[] ReadBounded(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var bytes = new MemoryStream();
        var chunk = new byte[1 << 20];
        for (int got; (got = file.Read(chunk)) > 0;)
        {
            bytes.Write(chunk, 0, got);
            if (bytes.Length > MaxFileBytes)
            {
                throw new ArtefactException(path, $"more than the {MaxFileBytes} bytes that a model may have; name a model file");
            }
        }

        return bytes.ToArray();
    }

    /// <summary>As <see cref="Load"/>, from memory.</summary>
    /// <param name="bytes">The whole file. Kept, not copied.</param>
    /// <param name="path">A name for messages.</param>
    /// <param name="engineContract">The contract that the engine computes; null to accept the file's own.</param>
    /// <exception cref="ArtefactException">As for <see cref="Load"/>.</exception>
    public static ModelArtefact Parse(byte[] bytes, string path = "-", FeatureContract? engineContract = null) =>
        ArtefactReader.Read(bytes, path, engineContract);
}
