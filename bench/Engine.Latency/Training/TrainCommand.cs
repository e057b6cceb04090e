using System.Globalization;
using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;

namespace Engine.Latency.Training;

/// <summary>
/// `train`: training steps of the LSTM (50 × 10 → 64, batch 256) and of Deep Silos (12 of 10, batch 1,024) by kernel and threads, and
/// PyTorch on the same networks, loss and optimiser where a Python has it: in one run, rounds interleaved. With `--backend` the same on a device.
/// </summary>
public static class TrainCommand
{
    private const int Rows = 65_536;
    private const int Rounds = 5;

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        if (args.Contains("--backend", StringComparer.Ordinal))
        {
            return Devices.DeviceTrainCommand.Run(args, output);
        }

        int milliseconds = 400;
        string python = "/usr/bin/python3";
        bool everyKernel = false;
        string only = "";
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] == "--round-ms" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds) && milliseconds is >= 1 and <= 60_000)
            {
                continue;
            }

            if (args[i] == "--python" && value.Length > 0)
            {
                python = value;
                continue;
            }

            if (args[i] == "--kernels" && value is "all" or "best")
            {
                everyKernel = value == "all";
                continue;
            }

            if (args[i] == "--only" && value.Length > 0)
            {
                only = value;
                continue;
            }

            Console.Error.WriteLine($"train: {string.Join(' ', args[i..])}: use --round-ms 1..60000, --kernels all|best, --only PREFIX (of a case), --python FILE (`none` for no PyTorch); or --backend opencl|cuda");
            return 2;
        }

        output.WriteLine($"# {MachineName.Describe()}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, train: Adam, gradient bounded, {Rounds} rounds of {milliseconds} ms a case, interleaved"));
        Measure(milliseconds, python, everyKernel, only, output);
        return 0;
    }

    /// <summary>Deep Silos of twelve families of ten.</summary>
    /// <param name="dropout">Behind the hidden layers.</param>
    internal static SiloSpec Silos(float dropout = 0)
    {
        var hidden = new DenseSpec(SeededSilo.Hidden, Activation.Relu, dropout);
        return new SiloSpec
        {
            FeatureCount = 120,
            Direct = [],
            Silos = [.. Enumerable.Range(0, 12).Select(s => new SiloBranch($"silo{s}", [.. Enumerable.Range(s * 10, 10)], [hidden, hidden, new DenseSpec(SeededSilo.Embedding)]))],
            Fusion = [hidden, new DenseSpec(1)],
        };
    }

    /// <summary>The LSTM with batch normalisation.</summary>
    /// <param name="dropout">Behind the normalisation.</param>
    internal static LstmSpec Lstm(float dropout = 0) => new() { FeatureCount = 10, Features = [.. Enumerable.Range(0, 10)], Dropout = dropout };

    private static void Measure(int milliseconds, string python, bool everyKernel, string only, TextWriter output)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"train: drawing {Rows:N0} rows for each network"));
        using TrainingRows lstmRows = Draw(10);
        using TrainingRows siloRows = Draw(120);
        var cases = new List<TrainTiming>();
        int[] threads = Environment.ProcessorCount > 1 ? [1, 2] : [1];
        foreach (Kernel kernel in everyKernel ? KernelChoice.Supported : [KernelChoice.Best])
        {
            foreach (int count in threads)
            {
                string name = $"{KernelChoice.Name(kernel)} ×{count}";
                cases.Add(new TrainTiming($"lstm {name}", count, new CpuBackend(count, kernel), Lstm(), lstmRows, Options(LossKind.BinaryCrossEntropy, 256)));
                cases.Add(new TrainTiming($"silos {name}", count, new CpuBackend(count, kernel), Silos(), siloRows, Options(LossKind.MeanSquared, 1_024)));
            }
        }

        cases.Add(new TrainTiming("lstm, dropout 0.2", threads[^1], new CpuBackend(threads[^1]), Lstm(0.2f), lstmRows, Options(LossKind.BinaryCrossEntropy, 256)));
        cases.Add(new TrainTiming("silos, dropout 0.1", threads[^1], new CpuBackend(threads[^1]), Silos(0.1f), siloRows, Options(LossKind.MeanSquared, 1_024)));
        foreach (TrainTiming left in cases.Where(c => !c.Name.StartsWith(only, StringComparison.Ordinal)))
        {
            left.Dispose();
        }

        cases.RemoveAll(c => !c.Name.StartsWith(only, StringComparison.Ordinal));
        Console.Error.WriteLine($"train: {cases.Count} cases; starting PyTorch where {python} has it");
        List<PyTorchPeer> peers = [.. threads.Select(count => PyTorchPeer.TryStart(python, count, milliseconds)).OfType<PyTorchPeer>()];
        for (int round = -1; round < Rounds; round++)
        {
            foreach (TrainTiming timing in cases)
            {
                timing.Round(milliseconds, isWarmUp: round < 0);
                Tell(round, timing.Name, timing.Rates);
            }

            foreach (PyTorchPeer peer in peers)
            {
                peer.Round(only, isWarmUp: round < 0);
                foreach ((string name, List<double> rates) in peer.Rates)
                {
                    Tell(round, $"{peer.Version}, {name} ×{peer.Threads}", rates);
                }
            }
        }

        output.WriteLine("samples/s                                  best      median   ratio of the medians to PyTorch's on as many threads");
        foreach (TrainTiming timing in cases)
        {
            string network = timing.Name.StartsWith("lstm", StringComparison.Ordinal) ? "lstm" : "silos";
            Line(output, timing.Name, timing.Rates, peers.Find(p => p.Threads == timing.Threads)?.Median(network) ?? double.NaN);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    loss after {timing.Steps} steps {timing.Loss:R}"));
            timing.Dispose();
        }

        if (peers.Count == 0)
        {
            output.WriteLine("(without PyTorch)");
        }

        foreach (PyTorchPeer peer in peers)
        {
            foreach ((string name, List<double> rates) in peer.Rates.Where(r => r.Value.Count > 0))
            {
                Line(output, $"{peer.Version}, {name} ×{peer.Threads}", rates, peer.Median(name));
            }

            peer.Dispose();
        }
    }

    // Minutes pass before the table: every round says what it measured.
    private static void Tell(int round, string name, List<double> rates) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"train: {(round < 0 ? "warm-up" : $"round {round + 1} of {Rounds}")}, {name}{(rates.Count > 0 ? $": {rates[^1]:N0} samples/s" : "")}"));

    private static void Line(TextWriter output, string name, List<double> rates, double reference) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"  {name,-34} {rates.Max(),12:N0} {TrainTiming.Median(rates),11:N0}   {TrainTiming.Median(rates) / reference:F2}"));

    private static StepOptions Options(LossKind loss, int batch) =>
        new() { Loss = new LossSpec { Kind = loss }, Optimiser = new OptimiserSpec { ClipNorm = 1 }, BatchSize = batch };

    private static TrainingRows Draw(int columns)
    {
        var random = new SeededRandom(1);
        var features = new float[Rows * columns];
        foreach (ref float value in features.AsSpan())
        {
            value = (float)random.NextNormal();
        }

        float[] labels = [.. Enumerable.Range(0, Rows).Select(r => features[r * columns] + features[(r * columns) + 1] > 0 ? 1f : 0f)];
        return TrainingRows.Of(features, columns, labels);
    }
}
