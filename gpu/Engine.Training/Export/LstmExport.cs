using System.Globalization;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Engine.Training.Networks;

namespace Engine.Training.Export;

/// <summary>
/// Makes an artefact of an LSTM network: computes the golden outputs, writes the file and loads it again through every check,
/// so that a file that was exported is one that runs.
/// </summary>
public static class LstmExport
{
    /// <summary>Golden rows of a seeded model beyond the window: each gives one more answer.</summary>
    private const int SeededGoldenAnswers = 16;

    private static readonly EngineLimits s_limits = new() { Instruments = 1, SequenceInstruments = 1 };

    /// <summary>The bytes of the artefact.</summary>
    /// <param name="network">The network.</param>
    /// <param name="description">What is said about it; its golden outputs are ignored and computed here from its rows, ticks one after the other.</param>
    /// <param name="withOnnxRuntime">Also have ONNX Runtime reproduce the golden vectors; of a carried state the first answer, which is a window's.</param>
    /// <exception cref="ArtefactException">The file would be refused, e.g. a weight is not finite.</exception>
    /// <exception cref="Engine.Inference.OnnxRuntime.OrtUnavailableException">ONNX Runtime is asked for and cannot be had.</exception>
    public static byte[] ToBytes(LstmNetwork network, ArtefactDescription description, bool withOnnxRuntime = true)
    {
        using var predictor = new NativeLstmPredictor(network, Kernel.Scalar, s_limits);
        GoldenVectors golden = GoldenAnswers.Of(predictor, description);
        byte[] bytes = ArtefactWriter.Write(network, description with { Golden = golden });
        ModelArtefact artefact = ModelArtefact.Parse(bytes, "export", description.Contract);
        bool isStreaming = network.Mode == SequenceMode.Streaming;
        PredictorFactory.Create(artefact, withOnnxRuntime && !isStreaming ? InferenceMode.Both : InferenceMode.Native, KernelChoice.Best, s_limits).Dispose();
        if (withOnnxRuntime && isStreaming)
        {
            CheckFirstAnswer(artefact);
        }

        return bytes;
    }

    /// <summary>An artefact with seeded weights for a contract, its note saying that they are not trained.</summary>
    /// <param name="contract">What it reads.</param>
    /// <param name="shape">Sizes of the network.</param>
    /// <param name="seed">Of the weights and the golden rows.</param>
    /// <param name="mean">Mean by feature, or null for 0.</param>
    /// <param name="deviation">Standard deviation by feature, or null for 1.</param>
    /// <param name="trainingSplit">Ids of the days that the statistics are of; null for none.</param>
    /// <param name="label">What it would predict.</param>
    /// <param name="horizonNanos">How far ahead, ns.</param>
    /// <param name="withOnnxRuntime">As for <see cref="ToBytes"/>.</param>
    public static byte[] Seeded(
        FeatureContract contract,
        LstmShape shape,
        ulong seed,
        float[]? mean = null,
        float[]? deviation = null,
        IReadOnlyList<string>? trainingSplit = null,
        string label = "direction",
        long horizonNanos = 1_000_000_000,
        bool withOnnxRuntime = true)
    {
        mean ??= new float[contract.Count];
        deviation ??= Enumerable.Repeat(1f, contract.Count).ToArray();
        GoldenRows rows = GoldenRows.Draw(mean, deviation, shape.Steps + SeededGoldenAnswers, seed);
        var description = new ArtefactDescription
        {
            Contract = contract,
            Mean = mean,
            Deviation = deviation,
            Label = label,
            HorizonNanos = horizonNanos,
            TrainingSplit = trainingSplit ?? [],
            Weights = ArtefactDescription.Seeded,
            Sequence = shape.Mode,
            Note = string.Create(CultureInfo.InvariantCulture, $"weights drawn from seed {seed}, not trained: for measuring and testing only"),
            Golden = rows.WithoutOutputs(),
        };
        return ToBytes(SeededLstm.Create(contract, shape, seed), description, withOnnxRuntime);
    }

    private static void CheckFirstAnswer(ModelArtefact artefact)
    {
        using var predictor = new OrtSequencePredictor(artefact.Bytes, artefact.Window, artefact.Contract.Count, s_limits);
        Normaliser normaliser = artefact.CreateNormaliser();
        GoldenVectors golden = artefact.Description.Golden;
        var row = new float[normaliser.Count];
        float got = float.NaN;
        for (int i = 0; i <= golden.WarmUp; i++)
        {
            normaliser.Apply(golden.Row(i), row);
            got = predictor.Predict(row);
        }

        float expected = golden.Outputs[golden.WarmUp];
        if (Predictor.DifferenceRatio(got, expected) > 1)
        {
            throw new ArtefactException("export", string.Create(
                CultureInfo.InvariantCulture, $"ONNX Runtime answers {got} to the first window of the golden rows, {expected} is expected"));
        }
    }
}
