using BenchmarkDotNet.Attributes;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Export;

namespace Engine.Bench.Inference;

/// <summary>One prediction of 500 trees of depth 6 over 140 features, by instruction set, and in ONNX Runtime on the same file.</summary>
[MemoryDiagnoser]
public class TreeBenchmarks
{
    private const int Features = 140;
    private const int Rows = 64;

    private Predictor? _scalar;
    private Predictor? _avx2;
    private Predictor? _avx512;
    private Predictor? _ort;
    private float[][] _rows = [];
    private int _next;

    /// <summary>Makes the model and the rows.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var contract = new FeatureContract("bench", Enumerable.Range(0, Features).Select(i => new FeatureSpec($"f{i}", "family", 0, "none")), "every-event");
        ModelArtefact artefact = ModelArtefact.Parse(
            TreeExport.Seeded(contract, 1, new float[Features], Enumerable.Repeat(1f, Features).ToArray(), []));
        _scalar = new NativeTreePredictor(artefact.Trees!, Kernel.Scalar);
        _avx2 = KernelChoice.IsSupported(Kernel.Avx2) ? new NativeTreePredictor(artefact.Trees!, Kernel.Avx2) : null;
        _avx512 = KernelChoice.IsSupported(Kernel.Avx512) ? new NativeTreePredictor(artefact.Trees!, Kernel.Avx512) : null;
        _ort = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar);
        var random = new SeededRandom(2);
        _rows = Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Features).Select(_ => (float)random.NextNormal()).ToArray()).ToArray();
    }

    /// <summary>Releases the predictors.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _scalar?.Dispose();
        _avx2?.Dispose();
        _avx512?.Dispose();
        _ort?.Dispose();
    }

    /// <summary>Scalar.</summary>
    [Benchmark]
    public float Scalar() => Predict(_scalar!);

    /// <summary>AVX2.</summary>
    [Benchmark]
    public float Avx2() => Predict(_avx2!);

    /// <summary>AVX-512, with byte permutations where the CPU has them.</summary>
    [Benchmark(Baseline = true)]
    public float Avx512() => Predict(_avx512!);

    /// <summary>ONNX Runtime, one thread.</summary>
    [Benchmark]
    public float OnnxRuntime() => Predict(_ort!);

    private float Predict(Predictor predictor)
    {
        int next = _next = (_next + 1) & (Rows - 1);
        return predictor.Predict(_rows[next]);
    }
}
