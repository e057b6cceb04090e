using BenchmarkDotNet.Attributes;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Export;

namespace Engine.Bench.Inference;

/// <summary>
/// One prediction of a silo network: 12 silos of 10 features (10, 10, 2) and 20 direct features, fused by 10 and 1. By
/// instruction set (one that this machine lacks fails), with every silo computed and with one silo changed a row; and ONNX Runtime on the same file.
/// </summary>
[MemoryDiagnoser]
public class SiloBenchmarks
{
    private const int Silos = 12;
    private const int Width = 10;
    private const int Features = 140;
    private const int Rows = 64;

    private readonly Dictionary<string, Predictor> _predictors = [];
    private Predictor? _scalar;
    private Predictor? _avx2;
    private Predictor? _avx512;
    private Predictor? _incremental;
    private Predictor? _ort;
    private float[][] _rows = [];
    private float[][] _oneChanged = [];
    private int _next;

    /// <summary>Makes the model and the rows.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var contract = new FeatureContract(
            "bench",
            Enumerable.Range(0, Features).Select(i => new FeatureSpec($"f{i}", $"family{i / Width}", 0, "none")),
            "every-event");
        ModelArtefact artefact = ModelArtefact.Parse(
            SiloExport.Seeded(contract, Enumerable.Range(0, Silos).Select(i => $"family{i}").ToArray(), seed: 1));
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            string name = KernelChoice.Name(kernel);
            _predictors[name] = new NativeSiloPredictor(artefact.Silo!, kernel, incremental: false);
            _predictors[name + "-incremental"] = new NativeSiloPredictor(artefact.Silo!, kernel);
        }

        _predictors["ort"] = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar);
        _scalar = _predictors["scalar"];
        _avx2 = _predictors.GetValueOrDefault("avx2");
        _avx512 = _predictors.GetValueOrDefault("avx512");
        _incremental = _predictors.GetValueOrDefault("avx512-incremental");
        _ort = _predictors["ort"];
        var random = new SeededRandom(2);
        _rows = Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Features).Select(_ => (float)random.NextNormal()).ToArray()).ToArray();

        // Each row differs from the one before (and the first from the last) in features of one silo and four direct ones.
        _oneChanged = Enumerable.Range(0, Rows).Select(_ => (float[])_rows[0].Clone()).ToArray();
        for (int r = 1; r < Rows; r++)
        {
            _oneChanged[r - 1].CopyTo(_oneChanged[r], 0);
            foreach (int i in Enumerable.Range(r % Silos * Width, 4).Concat(Enumerable.Range(Silos * Width, 4)))
            {
                _oneChanged[r][i] = (float)random.NextNormal();
            }
        }
    }

    /// <summary>Releases the predictors.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (Predictor predictor in _predictors.Values)
        {
            predictor.Dispose();
        }

        _predictors.Clear();
    }

    /// <summary>Scalar, every silo.</summary>
    [Benchmark]
    public float Scalar() => Predict(_scalar!, _rows);

    /// <summary>AVX2, every silo.</summary>
    [Benchmark]
    public float Avx2() => Predict(_avx2!, _rows);

    /// <summary>AVX-512, every silo.</summary>
    [Benchmark(Baseline = true)]
    public float Avx512() => Predict(_avx512!, _rows);

    /// <summary>AVX-512, one silo and four direct features changed.</summary>
    [Benchmark]
    public float Avx512OneSilo() => Predict(_incremental!, _oneChanged);

    /// <summary>ONNX Runtime, one thread.</summary>
    [Benchmark]
    public float OnnxRuntime() => Predict(_ort!, _rows);

    /// <summary>Sum over all rows of every predictor: the same for every native kernel.</summary>
    public IEnumerable<(string Name, double Checksum)> Checksums() =>
        _predictors.Select(p => (p.Key, _rows.Sum(r => (double)p.Value.Predict(r))));

    private float Predict(Predictor predictor, float[][] rows)
    {
        int next = _next = (_next + 1) & (Rows - 1);
        return predictor.Predict(rows[next]);
    }
}
