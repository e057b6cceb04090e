using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Threads;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.OnnxRuntime;
using Engine.Simulator;

namespace Engine.Latency.Stages;

/// <summary>
/// `stages`: decode, decode + book, decode + book + features over one simulated day file in memory, and the sample model by
/// instruction set and in ONNX Runtime over that day's rows: everything in one run on one core, rounds interleaved.
/// </summary>
public static class StagesCommand
{
    private const int Rounds = 7;
    private const int KeptRows = 20_000;

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        long messages = 2_000_000;
        int instruments = 200;
        string model = "tools/samples/silo.onnx";
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool good = args[i] switch
            {
                "--messages" => long.TryParse(value, out messages) && messages is >= 1_000 and <= 50_000_000,
                "--instruments" => int.TryParse(value, out instruments) && instruments is >= 1 and <= 200,
                "--model" => (model = value).Length > 0,
                _ => false,
            };
            if (!good)
            {
                Console.Error.WriteLine($"stages: {args[i]} {value}: use --messages 1000..50000000, --instruments 1..200, --model FILE");
                return 2;
            }

            i++;
        }

        int cpu = CpuPlacement.Available()[^1];
        CpuPlacement.TryPin(cpu, out _);
        string day = Path.Combine(Path.GetTempPath(), $"engine-stages-{Environment.ProcessId}.itch");
        try
        {
            using (FileStream file = File.Create(day))
            {
                Simulation.Run(new SimulationOptions { Seed = 1, Messages = messages, Instruments = instruments, Format = OutputFormat.BinaryFile }, file);
            }

            Header(output, cpu, messages, instruments, new FileInfo(day).Length);
            Measure(day, model, output);
            return 0;
        }
        finally
        {
            File.Delete(day);
        }
    }

    private static void Header(TextWriter output, int cpu, long messages, int instruments, long bytes)
    {
        output.WriteLine($"# {MachineName.Describe()}, cpu {cpu}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, stages: {messages:N0} messages, {instruments} instruments, {bytes:N0} bytes; {Rounds} rounds, median (best)"));
    }

    private static void Measure(string day, string model, TextWriter output)
    {
        var path = new MessagePath(day);
        var walk = new double[Rounds];
        var decode = new double[Rounds];
        var book = new double[Rounds];
        var features = new double[Rounds];
        for (int r = 0; r < Rounds; r++)
        {
            walk[r] = path.WalkLengths();
            decode[r] = path.Decode();
            book[r] = path.DecodeAndBook();
            features[r] = path.DecodeBookAndFeatures(r == 0 ? KeptRows : 0);
        }

        output.WriteLine("ns a message");
        Line(output, "walk the lengths only", walk);
        Line(output, "ITCH decode", decode);
        Line(output, "decode + L3 book", book);
        Line(output, "decode + book + a row an event", features);
        Line(output, "  features alone, a row", [.. features.Zip(book, (f, b) => (f - b) * path.Messages / Math.Max(1, path.Rows))]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {path.Messages:N0} messages, {path.Rows:N0} rows, book digest {path.BookDigest}, {path.Residents >> 20} MiB resident"));
        Models(output, model, path.Kept);
    }

    private static void Models(TextWriter output, string model, float[][] rows)
    {
        ModelArtefact artefact = ModelArtefact.Load(model);
        Engine.Features.Normaliser normaliser = artefact.CreateNormaliser();
        float[][] normalised = [.. rows.Select(row =>
        {
            var y = new float[row.Length];
            normaliser.Apply(row, y);
            return y;
        })];
        List<(string Name, Predictor Predictor)> predictors = [];
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            predictors.Add((KernelChoice.Name(kernel) + ", all silos", new NativeSiloPredictor(artefact.Silo!, kernel, incremental: false)));
            predictors.Add((KernelChoice.Name(kernel) + ", incremental", new NativeSiloPredictor(artefact.Silo!, kernel)));
        }

        try
        {
            predictors.Add(("ONNX Runtime " + OrtLibrary.Version, PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar)));
        }
        catch (OrtUnavailableException e)
        {
            output.WriteLine($"(without ONNX Runtime: {e.Message})");
        }

        output.WriteLine($"ns a prediction, {Path.GetFileName(model)} over {normalised.Length} rows of the day      p50      p99     p999");
        foreach ((string name, Predictor predictor) in predictors)
        {
            PredictionTiming timing = PredictionTiming.Of(predictor, normalised);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {name,-30} mean {timing.MeanNanos,9:F1}      {timing.Laps.ValueAtPercentile(50),8} {timing.Laps.ValueAtPercentile(99),8} {timing.Laps.ValueAtPercentile(99.9),8}   checksum {timing.Checksum:R}"));
            predictor.Dispose();
        }
    }

    private static void Line(TextWriter output, string name, double[] nanos)
    {
        double[] sorted = [.. nanos.Order()];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-34} {sorted[sorted.Length / 2],8:F1} ({sorted[0]:F1})"));
    }
}
