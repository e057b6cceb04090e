using System.Globalization;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.OnnxRuntime;
using Engine.Inference.Sequences;

namespace Engine.Inference;

/// <summary>Makes the predictor of an artefact and proves it: the golden vectors must come out before anything else does.</summary>
public static class PredictorFactory
{
    /// <summary>Makes a predictor and replays the golden vectors through it, or through both of its ways.</summary>
    /// <param name="artefact">The model.</param>
    /// <param name="mode">What runs it.</param>
    /// <param name="kernel">The instruction set of the native kernels; not used by ONNX Runtime.</param>
    /// <param name="limits">Bounds of what sequence models keep by instrument; null for the usual ones.</param>
    /// <exception cref="ArtefactException">No native kernel runs the graph, ONNX Runtime refuses it, or a golden vector is not reproduced.</exception>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    /// <exception cref="OrtUnavailableException">ONNX Runtime cannot be had.</exception>
    public static Predictor Create(ModelArtefact artefact, InferenceMode mode, Kernel kernel, EngineLimits? limits = null)
    {
        limits ??= new EngineLimits();
        if (mode == InferenceMode.Native)
        {
            return CreateNative(artefact, kernel, limits);
        }

        if (mode == InferenceMode.Ort)
        {
            return CreateOrt(artefact, limits);
        }

        Predictor native = CreateNative(artefact, kernel, limits);
        try
        {
            return new ComparingPredictor(native, CreateOrt(artefact, limits));
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Create(ModelArtefact, InferenceMode, Kernel, EngineLimits)"/>, with the kernel that the environment asks for.</summary>
    public static Predictor Create(ModelArtefact artefact, InferenceMode mode) => Create(artefact, mode, KernelChoice.FromEnvironment());

    private static Predictor CreateNative(ModelArtefact artefact, Kernel kernel, EngineLimits limits)
    {
        if (artefact.Lstm is not null)
        {
            return Prove(artefact, new NativeLstmPredictor(artefact.Lstm, kernel, limits));
        }

        if (artefact.Silo is not null)
        {
            return Prove(artefact, new NativeSiloPredictor(artefact.Silo, kernel));
        }

        return artefact.Trees is not null
            ? Prove(artefact, CreateTrees(artefact, artefact.Trees, kernel))
            : throw NotNative(artefact, artefact.WhyNotNative);
    }

    private static NativeTreePredictor CreateTrees(ModelArtefact artefact, TreeEnsemble trees, Kernel kernel)
    {
        try
        {
            return new NativeTreePredictor(trees, kernel);
        }
        catch (ArgumentException e)
        {
            throw NotNative(artefact, e.Message);
        }
    }

    private static ArtefactException NotNative(ModelArtefact artefact, string? why) =>
        new(artefact.Path, $"no native kernel runs this graph: {why}; use --inference ort");

    private static Predictor CreateOrt(ModelArtefact artefact, EngineLimits limits)
    {
        if (artefact.Description.Sequence == Networks.SequenceMode.Streaming)
        {
            throw new ArtefactException(artefact.Path, "it carries its state from tick to tick, which its graph gives ONNX Runtime no way to do; use --inference native");
        }

        try
        {
            return artefact.Window.IsSequence
                ? Prove(artefact, new OrtSequencePredictor(artefact.Bytes, artefact.Window, artefact.Contract.Count, limits, artefact.Lstm))
                : Prove(artefact, new OrtPredictor(artefact.Bytes, artefact.Contract.Count));
        }
        catch (OrtException e)
        {
            throw new ArtefactException(artefact.Path, e.Message);
        }
    }

    private static T Prove<T>(ModelArtefact artefact, T predictor)
        where T : Predictor
    {
        try
        {
            Normaliser normaliser = artefact.CreateNormaliser();
            GoldenVectors golden = artefact.Description.Golden;
            var row = new float[normaliser.Count];
            for (int i = 0; i < golden.Count; i++)
            {
                normaliser.Apply(golden.Row(i), row);
                float expected = golden.Outputs[i];
                float got = predictor.Predict(row);
                if (Predictor.DifferenceRatio(got, expected) > 1)
                {
                    throw new ArtefactException(artefact.Path, string.Create(
                        CultureInfo.InvariantCulture,
                        $"golden vector {i} is not reproduced by {predictor.Kernel}: expected {expected}, got {got}; the file is damaged or was changed after export: export it again"));
                }
            }

            predictor.Sequence?.Reset();
            return predictor;
        }
        catch
        {
            predictor.Dispose();
            throw;
        }
    }
}
