using BenchmarkDotNet.Attributes;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Sequences;
using Engine.Training.Export;
using Engine.Training.Networks;

namespace Engine.Bench.Inference;

/// <summary>
/// A tick of an LSTM with all its background work: 50 ticks of 10 features, 64 units, head 32 and 1. By instruction set (one
/// that this machine lacks fails), with a carried state, and ONNX Runtime on the same file. The tick alone, which is over long
/// before the background work is, needs a timer inside: `Engine.Latency lstm`.
/// </summary>
[MemoryDiagnoser]
public class LstmBenchmarks
{
    private const int Features = 16;
    private const int Rows = 256;

    private static readonly EngineLimits s_limits = new() { Instruments = 1, SequenceInstruments = 1 };

    private readonly Dictionary<string, SequencePredictor> _predictors = [];
    private SequencePredictor? _scalar;
    private SequencePredictor? _avx2;
    private SequencePredictor? _avx512;
    private SequencePredictor? _carried;
    private SequencePredictor? _ort;
    private float[][] _rows = [];
    private int _next;

    /// <summary>Makes the models and the rows.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var contract = new FeatureContract(
            "bench", Enumerable.Range(0, Features).Select(i => new FeatureSpec($"f{i}", $"family{i}", 0, "none")), "every-event");
        ModelArtefact artefact = ModelArtefact.Parse(LstmExport.Seeded(contract, new LstmShape(), seed: 1));
        ModelArtefact carried = ModelArtefact.Parse(
            LstmExport.Seeded(contract, new LstmShape { Mode = Engine.Inference.Networks.SequenceMode.Streaming }, seed: 1));
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            _predictors[KernelChoice.Name(kernel)] = new NativeLstmPredictor(artefact.Lstm!, kernel, s_limits);
        }

        _carried = _predictors["carried"] = new NativeLstmPredictor(carried.Lstm!, KernelChoice.Best, s_limits);
        _ort = _predictors["ort"] = new OrtSequencePredictor(artefact.Bytes, artefact.Window, contract.Count, s_limits);
        _scalar = _predictors["scalar"];
        _avx2 = _predictors.GetValueOrDefault("avx2");
        _avx512 = _predictors.GetValueOrDefault("avx512");
        var random = new SeededRandom(2);
        _rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Features).Select(_ => (float)random.NextNormal()).ToArray())];
    }

    /// <summary>Releases the predictors.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (SequencePredictor predictor in _predictors.Values)
        {
            predictor.Dispose();
        }

        _predictors.Clear();
    }

    /// <summary>Scalar, a tick and its background.</summary>
    [Benchmark]
    public float Scalar() => Predict(_scalar!);

    /// <summary>AVX2, a tick and its background.</summary>
    [Benchmark]
    public float Avx2() => Predict(_avx2!);

    /// <summary>AVX-512, a tick and its background.</summary>
    [Benchmark(Baseline = true)]
    public float Avx512() => Predict(_avx512!);

    /// <summary>The best kernel with a carried state: one step a tick.</summary>
    [Benchmark]
    public float Carried() => Predict(_carried!);

    /// <summary>ONNX Runtime, one thread, the whole window.</summary>
    [Benchmark]
    public float OnnxRuntime() => Predict(_ort!);

    private float Predict(SequencePredictor predictor)
    {
        int next = _next = (_next + 1) & (Rows - 1);
        float value = predictor.Predict(0, _rows[next]);
        predictor.CompleteBackground();
        return value;
    }
}
