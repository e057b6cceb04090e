using System.Globalization;
using Engine.Core.Memory;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.OnnxRuntime;
using Engine.Training.Export;

namespace Engine.Latency.Silos;

/// <summary>
/// `silo`: raw rows to predictions through the same silo models by instruction set, every family or what changed, and in ONNX
/// Runtime: rows of many instruments interleaved, one run, one core, rounds interleaved.
/// </summary>
public static class SiloCommand
{
    private const int Rounds = 7;
    private const int Silos = 12;
    private const int Width = 10;
    private const int Direct = 20;
    private const string OrtName = "ONNX Runtime";

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        int rows = 5_000, instruments = 16;
        string model = "tools/samples/silo.onnx", capture = "tools/samples/market.pcap.gz";
        for (int i = 0; i < args.Length; i += 2)
        {
            string text = i + 1 < args.Length ? args[i + 1] : "";
            int value = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 0;
            bool good = args[i] switch
            {
                "--rows" => (rows = value) is >= 100 and <= 1_000_000,
                "--instruments" => (instruments = value) is >= 1 and <= 10_000,
                "--model" => (model = text).Length > 0,
                "--capture" => (capture = text).Length > 0,
                _ => false,
            };
            if (!good)
            {
                Console.Error.WriteLine($"silo: {args[i]} {text}: use --rows 100..1000000, --instruments 1..10000, --model FILE, --capture FILE");
                return 2;
            }
        }

        int cpu = CpuPlacement.Available()[^1];
        CpuPlacement.TryPin(cpu, out _);
        output.WriteLine($"# {MachineName.Describe()}, cpu {cpu}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, silo: {Rounds} rounds of {rows:N0} raw rows; every lap holds one timer reading: {MonotonicTimer.Measure().CostNanos:F1} ns"));
        ModelArtefact seeded = Seeded();
        Measure($"{Silos} silos of {Width}, {Direct} direct features: every feature changes", seeded, SiloRows.All(seeded.Contract.Count, rows), output);
        Measure($"{instruments} instruments, one silo and four direct features change", seeded, SiloRows.Some(seeded.Contract.Count, rows, instruments, 1, Silos, Width), output);
        Measure($"{instruments} instruments, four silos and four direct features change", seeded, SiloRows.Some(seeded.Contract.Count, rows, instruments, 4, Silos, Width), output);
        ModelArtefact sample = ModelArtefact.Load(model);
        Measure($"{Path.GetFileName(model)} over {Path.GetFileName(capture)}", sample, SiloRows.Of(capture, sample.Contract, rows), output);
        return 0;
    }

    private static string EverySilo(Kernel kernel) => $"{KernelChoice.Name(kernel)}, every silo";

    private static ModelArtefact Seeded()
    {
        var contract = new FeatureContract(
            "latency", Enumerable.Range(0, (Silos * Width) + Direct).Select(i => new FeatureSpec($"f{i}", $"family{i / Width}", 0, "none")), "every-event");
        return ModelArtefact.Parse(SiloExport.Seeded(
            contract, [.. Enumerable.Range(0, Silos).Select(i => $"family{i}")], seed: 1, withOnnxRuntime: OrtLibrary.Find() is not null));
    }

    private static void Measure(string title, ModelArtefact artefact, SiloRows rows, TextWriter output)
    {
        var limits = new EngineLimits { Instruments = rows.Instruments, SiloInstruments = rows.Instruments };
        List<SiloTiming> ways = [];
        foreach (Kernel kernel in KernelChoice.Supported.Reverse())
        {
            ways.Add(new SiloTiming(EverySilo(kernel), artefact, new NativeSiloPredictor(artefact.Silo!, kernel, incremental: false, limits)));
            ways.Add(new SiloTiming($"{KernelChoice.Name(kernel)}, what changed", artefact, new NativeSiloPredictor(artefact.Silo!, kernel, incremental: true, limits)));
        }

        ways.Add(new SiloTiming("(the timer and a call alone)", artefact, new NoPredictor(artefact.Contract.Count)));
        if (OrtLibrary.Find() is not null)
        {
            ways.Add(new SiloTiming($"{OrtName} {OrtLibrary.Version}", artefact, PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar)));
        }

        for (int round = -1; round < Rounds; round++)
        {
            ways.ForEach(w => w.Round(rows, isWarmUp: round < 0));
        }

        SiloTiming reference = ways.Find(w => w.Name.StartsWith(OrtName, StringComparison.Ordinal)) ?? ways.Find(w => w.Name == EverySilo(Kernel.Scalar))!;
        output.WriteLine($"{title}, ns; ratios are to the p50 of {reference.Name}");
        output.WriteLine("                                     p1      p50      p90      p99     p999  ratio of p50  silos a row  checksum");
        foreach (SiloTiming way in ways)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {way.Name,-28} {way.At(1),8} {way.At(50),8} {way.At(90),8} {way.At(99),8} {way.At(99.9),8}  {(double)way.At(50) / reference.At(50),12:F4} {way.SilosPerRow,12:F2}  {way.Checksum:R}"));
            way.Dispose();
        }
    }
}
