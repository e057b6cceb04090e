using System.Globalization;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Networks;

namespace Engine.Training.Export;

/// <summary>
/// Makes an artefact of a tree ensemble over raw rows: computes golden vectors, writes the file and loads it again through
/// every check, so that a file that was exported is one that runs.
/// </summary>
public static class TreeExport
{
    private const int GoldenCount = 64;

    /// <summary>The bytes of the artefact.</summary>
    /// <param name="ensemble">The trees, over raw features.</param>
    /// <param name="contract">What they read.</param>
    /// <param name="label">What they predict.</param>
    /// <param name="horizonNanos">How far ahead, ns.</param>
    /// <param name="trainingSplit">Ids of what they were fitted to.</param>
    /// <param name="weights"><see cref="ArtefactDescription.Seeded"/> or <see cref="ArtefactDescription.Trained"/>.</param>
    /// <param name="note">A remark for people.</param>
    /// <param name="withOnnxRuntime">Also have ONNX Runtime reproduce the golden vectors.</param>
    /// <exception cref="ArtefactException">The file would be refused.</exception>
    /// <exception cref="Engine.Inference.OnnxRuntime.OrtUnavailableException">ONNX Runtime is asked for and cannot be had.</exception>
    public static byte[] ToBytes(
        TreeEnsemble ensemble,
        FeatureContract contract,
        string label,
        long horizonNanos,
        IReadOnlyList<string> trainingSplit,
        string weights,
        string note,
        bool withOnnxRuntime = true)
    {
        byte[] bytes = ArtefactWriter.Write(ensemble, new ArtefactDescription
        {
            Contract = contract,
            Mean = new float[contract.Count],
            Deviation = Enumerable.Repeat(1f, contract.Count).ToArray(),
            IsRaw = true,
            Label = label,
            HorizonNanos = horizonNanos,
            TrainingSplit = trainingSplit,
            Weights = weights,
            Note = note,
            Golden = TreeGoldenRows.Of(ensemble, GoldenCount, seed: 1),
        });
        ModelArtefact artefact = ModelArtefact.Parse(bytes, "export", contract);
        PredictorFactory.Create(artefact, withOnnxRuntime ? InferenceMode.Both : InferenceMode.Native, KernelChoice.Best).Dispose();
        return bytes;
    }

    /// <summary>An artefact with seeded trees, its note saying that they are not trained.</summary>
    /// <param name="contract">What they read.</param>
    /// <param name="seed">Of the trees.</param>
    /// <param name="mean">Mean by feature, around which thresholds lie.</param>
    /// <param name="deviation">Standard deviation by feature.</param>
    /// <param name="trainingSplit">Ids of the days that the statistics are of.</param>
    /// <param name="trees">How many trees.</param>
    /// <param name="depth">Splits on the longest way through one.</param>
    /// <param name="withOnnxRuntime">As for <see cref="ToBytes"/>.</param>
    public static byte[] Seeded(
        FeatureContract contract,
        ulong seed,
        float[] mean,
        float[] deviation,
        IReadOnlyList<string> trainingSplit,
        int trees = 500,
        int depth = 6,
        bool withOnnxRuntime = true) => ToBytes(
            SeededTrees.Create(mean, deviation, trees, depth, seed),
            contract,
            "return",
            1_000_000_000,
            trainingSplit,
            ArtefactDescription.Seeded,
            string.Create(CultureInfo.InvariantCulture, $"trees drawn from seed {seed}, not trained: for measuring and testing only"),
            withOnnxRuntime);
}
