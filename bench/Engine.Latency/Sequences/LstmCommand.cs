using System.Globalization;
using Engine.Core.Diagnostics;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.OnnxRuntime;
using Engine.Inference.Sequences;
using Engine.Training.Export;
using Engine.Training.Networks;

namespace Engine.Latency.Sequences;

/// <summary>
/// `lstm`: from a tick to its prediction, the background work behind it, a window from scratch and ONNX Runtime on the same
/// model: everything in one run on one core, rounds interleaved.
/// </summary>
public static class LstmCommand
{
    private const int Rounds = 7;

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        int ticks = 2_000;
        var shape = new LstmShape();
        for (int i = 0; i < args.Length; i += 2)
        {
            int value = i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
            (ticks, shape, bool isKnown) = args[i] switch
            {
                "--ticks" => (value, shape, value is >= 100 and <= 1_000_000),
                "--steps" => (ticks, shape with { Steps = value }, value is >= 2 and <= 512),
                "--features" => (ticks, shape with { Features = value }, value is >= 1 and <= 200),
                "--units" => (ticks, shape with { Units = value }, value is >= 1 and <= 512),
                "--layers" => (ticks, shape with { Layers = value }, value is >= 1 and <= 4),
                _ => (ticks, shape, false),
            };
            if (!isKnown)
            {
                Console.Error.WriteLine($"lstm: {string.Join(' ', args[i..])}: use --ticks 100..1000000, --steps 2..512, --features 1..200, --units 1..512, --layers 1..4");
                return 2;
            }
        }

        int cpu = CpuPlacement.Available()[^1];
        CpuPlacement.TryPin(cpu, out _);
        TimerProperties timer = MonotonicTimer.Measure();
        output.WriteLine($"# {MachineName.Describe()}, cpu {cpu}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, lstm: T = {shape.Steps}, {shape.Features} features, {shape.Layers} x {shape.Units} units, head 32, 1; {Rounds} rounds of {ticks:N0} ticks"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# every lap holds one timer reading: {timer.CostNanos:F1} ns"));
        Measure(shape, ticks, output);
        return 0;
    }

    private static void Measure(LstmShape shape, int ticks, TextWriter output)
    {
        int features = Math.Max(shape.Features, 16);
        var contract = new FeatureContract(
            "bench", Enumerable.Range(0, features).Select(i => new FeatureSpec($"f{i}", $"family{i}", 0, "none")), "every-event");
        bool hasOrt = OrtLibrary.Find() is not null;
        ModelArtefact artefact = ModelArtefact.Parse(LstmExport.Seeded(contract, shape, seed: 1, withOnnxRuntime: hasOrt));
        var random = new SeededRandom(2);
        float[][] rows = [.. Enumerable.Range(0, ticks).Select(_ => Enumerable.Range(0, features).Select(_ => (float)random.NextNormal()).ToArray())];
        List<(string Name, LstmTiming Timing)> kernels = [.. KernelChoice.Supported.Select(k => (KernelChoice.Name(k), new LstmTiming(artefact.Lstm!, k, rows, Rounds)))];
        using OrtSequencePredictor? ort = hasOrt
            ? new OrtSequencePredictor(artefact.Bytes, artefact.Window, contract.Count, new EngineLimits { Instruments = 1, SequenceInstruments = 1 })
            : null;
        var ortLaps = new LatencyHistogram();
        double checksum = 0;
        for (int round = -1; round < Rounds; round++)
        {
            kernels.ForEach(k => k.Timing.Round());
            checksum = ort is null ? 0 : Ort(ort, rows, ortLaps);
            if (round < 0)
            {
                kernels.ForEach(k => k.Timing.Reset());
                ortLaps.Reset();
            }
        }

        output.WriteLine("ns                                               p1       p50       p90       p99      p999  ratio to ONNX Runtime's p50");
        foreach ((string name, LstmTiming timing) in kernels)
        {
            timing.Noise.Print(output, 42);
            Line(output, $"{name}: tick to prediction", timing.Tick, ortLaps);
            Line(output, $"{name}:   where nobody else ran before", timing.QuietTick, ortLaps);
            Line(output, $"{name}:   the kernel alone", timing.Kernel, ortLaps);
            Line(output, $"{name}:   after 64 KiB of other work", timing.ColdTick, ortLaps);
            Line(output, $"{name}:   no background work before", timing.LateTick, ortLaps);
            Line(output, $"{name}: background, all", timing.Background, ortLaps);
            Line(output, $"{name}:   one piece", timing.Piece, ortLaps);
            Line(output, $"{name}: window from scratch", timing.Scratch, ortLaps);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}: checksum {timing.Checksum:R}"));
            timing.Dispose();
        }

        if (ort is null)
        {
            output.WriteLine("(without ONNX Runtime)");
            return;
        }

        Line(output, $"ONNX Runtime {OrtLibrary.Version}", ortLaps, ortLaps);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ONNX Runtime: checksum {checksum:R}"));
    }

    private static double Ort(OrtSequencePredictor ort, float[][] rows, LatencyHistogram laps)
    {
        double checksum = 0;
        ort.Reset();
        foreach (float[] row in rows)
        {
            long start = MonotonicTimer.NowNanos;
            float value = ort.Predict(0, row);
            long end = MonotonicTimer.NowNanos;
            if (!float.IsNaN(value))
            {
                laps.Record(end - start);
                checksum += value;
            }
        }

        return checksum;
    }

    private static void Line(TextWriter output, string name, LatencyHistogram laps, LatencyHistogram reference) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"  {name,-42} {laps.ValueAtPercentile(1),8} {laps.ValueAtPercentile(50),9} {laps.ValueAtPercentile(90),9} {laps.ValueAtPercentile(99),9} {laps.ValueAtPercentile(99.9),9}  {(reference.Count > 0 ? (double)laps.ValueAtPercentile(50) / reference.ValueAtPercentile(50) : double.NaN):F4}"));
}
