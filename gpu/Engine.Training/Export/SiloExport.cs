using System.Globalization;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Networks;

namespace Engine.Training.Export;

/// <summary>
/// Makes an artefact of a silo network: computes the golden outputs, writes the file and loads it again through every
/// check, so that a file that was exported is one that runs.
/// </summary>
public static class SiloExport
{
    /// <summary>Golden vectors of a seeded model: with 8 some units never answered, and a changed weight of theirs passed.</summary>
    private const int SeededGoldenRows = 96;

    /// <summary>The bytes of the artefact.</summary>
    /// <param name="network">The network.</param>
    /// <param name="description">What is said about it; its golden outputs are ignored and computed here from its rows.</param>
    /// <param name="withOnnxRuntime">Also have ONNX Runtime reproduce the golden vectors.</param>
    /// <exception cref="ArtefactException">The file would be refused, e.g. a weight is not finite.</exception>
    /// <exception cref="Engine.Inference.OnnxRuntime.OrtUnavailableException">ONNX Runtime is asked for and cannot be had.</exception>
    public static byte[] ToBytes(SiloNetwork network, ArtefactDescription description, bool withOnnxRuntime = true)
    {
        using var predictor = new NativeSiloPredictor(network, Kernel.Scalar);
        GoldenVectors golden = GoldenAnswers.Of(predictor, description);
        byte[] bytes = ArtefactWriter.Write(network, description with { Golden = golden });
        ModelArtefact artefact = ModelArtefact.Parse(bytes, "export", description.Contract);
        PredictorFactory.Create(artefact, withOnnxRuntime ? InferenceMode.Both : InferenceMode.Native, KernelChoice.Best).Dispose();
        return bytes;
    }

    /// <summary>An artefact with seeded weights for a contract, its note saying that they are not trained.</summary>
    /// <param name="contract">What it reads.</param>
    /// <param name="families">Families that become silos.</param>
    /// <param name="seed">Of the weights and the golden rows.</param>
    /// <param name="mean">Mean by feature, or null for 0.</param>
    /// <param name="deviation">Standard deviation by feature, or null for 1.</param>
    /// <param name="trainingSplit">Ids of the days that the statistics are of; null for none.</param>
    /// <param name="label">What it would predict.</param>
    /// <param name="horizonNanos">How far ahead, ns.</param>
    /// <param name="withOnnxRuntime">As for <see cref="ToBytes"/>.</param>
    public static byte[] Seeded(
        FeatureContract contract,
        IReadOnlyList<string> families,
        ulong seed,
        float[]? mean = null,
        float[]? deviation = null,
        IReadOnlyList<string>? trainingSplit = null,
        string label = "return",
        long horizonNanos = 1_000_000_000,
        bool withOnnxRuntime = true)
    {
        mean ??= new float[contract.Count];
        deviation ??= Enumerable.Repeat(1f, contract.Count).ToArray();
        GoldenRows rows = GoldenRows.Draw(mean, deviation, SeededGoldenRows, seed);
        var description = new ArtefactDescription
        {
            Contract = contract,
            Mean = mean,
            Deviation = deviation,
            Label = label,
            HorizonNanos = horizonNanos,
            TrainingSplit = trainingSplit ?? [],
            Weights = ArtefactDescription.Seeded,
            Note = string.Create(CultureInfo.InvariantCulture, $"weights drawn from seed {seed}, not trained: for measuring and testing only"),
            Golden = rows.WithoutOutputs(),
        };
        return ToBytes(SeededSilo.Create(contract, families, seed, deviation), description, withOnnxRuntime);
    }
}
