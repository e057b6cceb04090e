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
    /// <param name="limits">Bounds of what models keep by instrument; null for the usual ones.</param>
    /// <param name="bytes">What of <see cref="EngineLimits.ModelBytes"/> other models of the run have left; null for all of it.</param>
    /// <exception cref="ArtefactException">No native kernel runs the graph, ONNX Runtime refuses it, a golden vector is not reproduced, or the
    /// model would keep more bytes than are left.</exception>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    /// <exception cref="OrtUnavailableException">ONNX Runtime cannot be had.</exception>
    public static Predictor Create(ModelArtefact artefact, InferenceMode mode, Kernel kernel, EngineLimits? limits = null, long? bytes = null)
    {
        limits ??= new EngineLimits();
        var allowance = new ByteAllowance(bytes ?? limits.ModelBytes);
        if (mode == InferenceMode.Native)
        {
            return CreateNative(artefact, kernel, limits, allowance);
        }

        if (mode == InferenceMode.Ort)
        {
            return CreateOrt(artefact, limits, allowance);
        }

        Predictor native = CreateNative(artefact, kernel, limits, allowance);
        try
        {
            return new ComparingPredictor(native, CreateOrt(artefact, limits, allowance), artefact.DecisionThreshold, artefact.Description.Golden.Scale);
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Create(ModelArtefact, InferenceMode, Kernel, EngineLimits)"/>, with the kernel that the environment asks for.</summary>
    public static Predictor Create(ModelArtefact artefact, InferenceMode mode) => Create(artefact, mode, KernelChoice.FromEnvironment());

    /// <summary>The predictor of an ensemble that has no file yet, on native kernels, proven by nothing.</summary>
    /// <param name="members">The members.</param>
    /// <param name="fusion">What makes one value of theirs.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="limits">Bounds of what sequence models keep by instrument.</param>
    public static Predictor CreateUnproven(IReadOnlyList<ModelArtefact> members, Fusion fusion, Kernel kernel, EngineLimits limits)
    {
        var allowance = new ByteAllowance(limits.ModelBytes);
        return EnsemblePredictor.Create(members, fusion, kernel, m => MakeNative(m, kernel, limits, allowance));
    }

    private static Predictor CreateNative(ModelArtefact artefact, Kernel kernel, EngineLimits limits, ByteAllowance allowance)
    {
        Predictor predictor = artefact.WhyNotNative is null
            ? Prove(artefact, MakeNative(artefact, kernel, limits, allowance))
            : throw NotNative(artefact, artefact.WhyNotNative);
        predictor.Forget();
        return predictor;
    }

    /// <summary>What runs an artefact that has a native kernel, not proven.</summary>
    private static Predictor MakeNative(ModelArtefact artefact, Kernel kernel, EngineLimits limits, ByteAllowance allowance)
    {
        if (artefact.Description.Ensemble is { } ensemble)
        {
            return EnsemblePredictor.Create(artefact.Members, ensemble.Fusion, kernel, m => MakeNative(m, kernel, limits, allowance));
        }

        if (artefact.Lstm is not null)
        {
            return allowance.Take(artefact, new NativeLstmPredictor(artefact.Lstm, kernel, limits));
        }

        if (artefact.Silo is not null)
        {
            return allowance.Take(artefact, new NativeSiloPredictor(artefact.Silo, kernel, limits: limits));
        }

        return artefact.Dense is not null
            ? new NativeDensePredictor(artefact.Dense, kernel)
            : CreateTrees(artefact, artefact.Trees!, kernel);
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
        new(artefact.Path, $"no native kernel runs this graph, and native is the default: {why}; use --inference ort, which runs it in ONNX Runtime");

    private static Predictor CreateOrt(ModelArtefact artefact, EngineLimits limits, ByteAllowance allowance)
    {
        if (artefact.Description.Sequence == Networks.SequenceMode.Streaming)
        {
            throw new ArtefactException(artefact.Path, "it carries its state from tick to tick, which its graph gives ONNX Runtime no way to do; use --inference native");
        }

        try
        {
            return artefact.Window.IsSequence
                ? Prove(artefact, allowance.Take(artefact, CreateOrtSequence(artefact, limits)))
                : Prove(artefact, new OrtPredictor(OrtBytes(artefact), artefact.Contract.Count, artefact.Members.Count));
        }
        catch (OrtException e)
        {
            throw new ArtefactException(artefact.Path, e.Message);
        }
    }

    private static OrtSequencePredictor CreateOrtSequence(ModelArtefact artefact, EngineLimits limits)
    {
        LstmNetwork[] natives = [.. artefact.Members.Append(artefact).Select(m => m.Lstm).OfType<LstmNetwork>()];
        return new OrtSequencePredictor(OrtBytes(artefact), artefact.Window, artefact.Contract.Count, limits, artefact.Members.Count, natives);
    }

    /// <summary>The file; an ensemble's with its members' values as outputs.</summary>
    private static ReadOnlySpan<byte> OrtBytes(ModelArtefact artefact) =>
        artefact.Members.Count > 0 ? EnsembleGraph.WithMemberOutputs(artefact.Bytes, artefact.Members.Count) : artefact.Bytes;

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
                float expected = golden.Outputs[i];
                float got = predictor.PredictRaw(0, golden.Row(i), normaliser, row, out _);
                if (Predictor.DifferenceRatio(got, expected, golden.Scale) > 1)
                {
                    throw new ArtefactException(artefact.Path, string.Create(
                        CultureInfo.InvariantCulture,
                        $"golden vector {i} is not reproduced by {predictor.Kernel}: expected {expected}, got {got}; the file is damaged or was changed after export: export it again"));
                }
            }

            predictor.Forget();
            return predictor;
        }
        catch
        {
            predictor.Dispose();
            throw;
        }
    }
}
