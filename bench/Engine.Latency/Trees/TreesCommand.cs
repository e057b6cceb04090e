using System.Globalization;
using Engine.Core.Numerics;
using Engine.Core.Threads;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.OnnxRuntime;
using Engine.Latency.Stages;
using Engine.Training.Export;
using Engine.Training.Networks;

namespace Engine.Latency.Trees;

/// <summary>
/// `trees`: one row at a time through the same seeded trees, in native kernels by instruction set, in ONNX Runtime, and in
/// XGBoost where it is installed: one run, one core, rounds interleaved.
/// </summary>
public static class TreesCommand
{
    private const int Rounds = 7;

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        int trees = 500, depth = 6, features = 140, count = 5_000;
        for (int i = 0; i < args.Length; i += 2)
        {
            int value = i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 0;
            bool good = (args[i], value) switch
            {
                ("--trees", >= 1 and <= 10_000) => (trees = value) > 0,
                ("--depth", >= 1 and <= 12) => (depth = value) > 0,
                ("--features", >= 1 and <= 2_000) => (features = value) > 0,
                ("--rows", >= 100 and <= 1_000_000) => (count = value) > 0,
                _ => false,
            };
            if (!good)
            {
                Console.Error.WriteLine($"trees: {args[i]} {(i + 1 < args.Length ? args[i + 1] : "")}: use --trees 1..10000, --depth 1..12, --features 1..2000, --rows 100..1000000");
                return 2;
            }
        }

        int cpu = CpuPlacement.Available()[^1];
        CpuPlacement.TryPin(cpu, out _);
        output.WriteLine($"# {MachineName.Describe()}, cpu {cpu}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, {trees} trees of depth {depth} over {features} features, {count} rows, {Rounds} rounds: best and median of each; ns a prediction"));
        Measure(trees, depth, features, count, output);
        return 0;
    }

    private static void Measure(int trees, int depth, int features, int count, TextWriter output)
    {
        var mean = new float[features];
        float[] deviation = [.. Enumerable.Repeat(1f, features)];
        var ensemble = SeededTrees.Create(mean, deviation, trees, depth, seed: 1);
        var contract = new FeatureContract("latency", Enumerable.Range(0, features).Select(i => new FeatureSpec($"f{i}", "family", 0, "none")), "every-event");
        var random = new SeededRandom(2);
        float[][] rows = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, features).Select(_ => (float)random.NextNormal()).ToArray())];
        List<(string Name, Predictor Predictor)> ways = [.. KernelChoice.Supported.Select(k => (KernelChoice.Name(k), (Predictor)new NativeTreePredictor(ensemble, k)))];
        try
        {
            ModelArtefact artefact = ModelArtefact.Parse(TreeExport.Seeded(contract, 1, mean, deviation, [], trees, depth));
            ways.Add(($"ONNX Runtime {OrtLibrary.Version}", PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar)));
        }
        catch (OrtUnavailableException e)
        {
            output.WriteLine($"(without ONNX Runtime: {e.Message})");
        }

        if (XgboostPredictor.TryCreate(ensemble) is { } xgboost)
        {
            ways.Add(("XGBoost, in place", xgboost));
        }
        else
        {
            output.WriteLine("(without XGBoost: libxgboost.so.0 is not here; Debian has it as libxgboost0)");
        }

        PredictionTiming[][] timings = [.. ways.Select(_ => new PredictionTiming[Rounds])];
        for (int r = 0; r < Rounds; r++)
        {
            for (int w = 0; w < ways.Count; w++)
            {
                timings[w][r] = PredictionTiming.Of(ways[w].Predictor, rows);
            }
        }

        double best = timings.Take(KernelChoice.Supported.Count()).Min(t => t.Min(r => r.MeanNanos));
        output.WriteLine($"  {"",-22} {"mean",18} {"p50",16} {"p99",16}   x the fastest native   checksum");
        for (int w = 0; w < ways.Count; w++)
        {
            string Both(Func<PredictionTiming, double> of) => string.Create(CultureInfo.InvariantCulture,
                $"{timings[w].Min(of):F0} {timings[w].Select(of).Order().ElementAt(Rounds / 2):F0}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {ways[w].Name,-22} {Both(t => t.MeanNanos),18} {Both(t => t.Laps.ValueAtPercentile(50)),16} {Both(t => t.Laps.ValueAtPercentile(99)),16}   {timings[w].Min(t => t.MeanNanos) / best,6:F1}                 {timings[w][0].Checksum:R}"));
            ways[w].Predictor.Dispose();
        }
    }
}
