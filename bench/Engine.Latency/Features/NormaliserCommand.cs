using System.Globalization;
using Engine.Core.Memory;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Latency.Silos;
using Engine.Training.Datasets;

namespace Engine.Latency.Features;

/// <summary>
/// `normaliser`: what a row costs as z-scores, clipped z-scores and ranks, alone and before the sample model, over rows of the sample capture as
/// they come, over those of one instrument, and over rows that share nothing; one run, one core, rounds interleaved.
/// </summary>
public static class NormaliserCommand
{
    private const int Rounds = 15;
    private const float Clip = 10;

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        int count = 20_000;
        string model = "tools/samples/silo.onnx", capture = "tools/samples/market.pcap.gz";
        for (int i = 0; i < args.Length; i += 2)
        {
            string text = i + 1 < args.Length ? args[i + 1] : "";
            bool good = args[i] switch
            {
                "--rows" => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 100 and <= 1_000_000,
                "--model" => (model = text).Length > 0,
                "--capture" => (capture = text).Length > 0,
                _ => false,
            };
            if (!good)
            {
                Console.Error.WriteLine($"normaliser: {args[i]} {text}: use --rows 100..1000000, --model FILE, --capture FILE");
                return 2;
            }
        }

        int cpu = CpuPlacement.Available()[^1];
        CpuPlacement.TryPin(cpu, out _);
        output.WriteLine($"# {MachineName.Describe()}, cpu {cpu}");
        ModelArtefact artefact = ModelArtefact.Load(model);
        SiloRows rows = SiloRows.Of(capture, artefact.Contract, count);
        RankTable ranks = Ranks(artefact.Contract, rows.Rows);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, normaliser: {Rounds} rounds of {rows.Rows.Length:N0} rows of {artefact.Contract.Count} features; ns a row, median (best); changed: features whose bits differ from the row before, of all"));
        int first = rows.Rows.GroupBy(r => r.Instrument).MaxBy(g => g.Count())!.Key;
        Measure("rows as they come", rows, artefact, ranks, output);
        Measure("rows of one instrument", rows with { Rows = [.. rows.Rows.Where(r => r.Instrument == first)] }, artefact, ranks, output);
        Measure("rows that share nothing", SiloRows.All(artefact.Contract.Count, count), artefact, ranks, output);
        return 0;
    }

    private static RankTable Ranks(FeatureContract contract, (int, float[] Row)[] rows) => RankFit.Fit(
        new TrainingData
        {
            Contract = contract,
            Features = (float[])[.. rows.SelectMany(r => r.Row)],
            Label = "none",
            Labels = new float[rows.Length],
            Times = new long[rows.Length],
            Ends = new long[rows.Length],
            Instruments = new int[rows.Length],
            Symbols = ["all"],
            Days = new int[rows.Length],
            DayIds = ["day"],
        },
        [.. Enumerable.Range(0, rows.Length)]);

    private static void Measure(string title, SiloRows rows, ModelArtefact artefact, RankTable ranks, TextWriter output)
    {
        ArtefactDescription d = artefact.Description;
        var limits = new EngineLimits { Instruments = rows.Instruments, SiloInstruments = rows.Instruments };
        (string Name, Func<Normaliser> Make)[] kinds =
        [
            ("z-score", () => new Normaliser(d.Mean.Span, d.Deviation.Span)),
            ("z-score, clipped", () => new Normaliser(d.Mean.Span, d.Deviation.Span, clip: Clip)),
            ("ranks", () => new Normaliser(ranks)),
        ];
        Way[] ways =
        [
            .. kinds.Select(k => new Way(k.Name, k.Make(), null)),
            .. kinds.Select(k => new Way(k.Name + " and the model", k.Make(), new NativeSiloPredictor(artefact.Silo!, KernelChoice.Best, limits: limits))),
        ];
        for (int round = -1; round < Rounds; round++)
        {
            Array.ForEach(ways, w => w.Round(rows, round));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}, {Changed(rows):P0} changed"));
        foreach (Way way in ways)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {way.Name,-34} {way.Nanos[Rounds / 2],8:F1} ({way.Nanos[0]:F1})   checksum {way.Checksum:R}"));
            way.Predictor?.Dispose();
        }
    }

    private static double Changed(SiloRows rows)
    {
        long changed = 0, all = 0;
        for (int r = 1; r < rows.Rows.Length; r++)
        {
            (float[] before, float[] row) = (rows.Rows[r - 1].Row, rows.Rows[r].Row);
            changed += row.Zip(before).Count(p => BitConverter.SingleToInt32Bits(p.First) != BitConverter.SingleToInt32Bits(p.Second));
            all += row.Length;
        }

        return (double)changed / Math.Max(1, all);
    }

    private sealed class Way(string name, Normaliser normaliser, NativeSiloPredictor? predictor)
    {
        private readonly float[] _output = new float[normaliser.Count];
        private readonly double[] _nanos = new double[Rounds];

        public string Name => name;

        public NativeSiloPredictor? Predictor => predictor;

        public double Checksum { get; private set; }

        public double[] Nanos => [.. _nanos.Order()];

        public void Round(SiloRows rows, int round)
        {
            double checksum = 0;
            long start = MonotonicTimer.NowNanos;
            foreach ((int instrument, float[] row) in rows.Rows)
            {
                if (predictor is not null)
                {
                    checksum += predictor.PredictRaw(instrument, row, normaliser, _output, out _);
                }
                else
                {
                    normaliser.Apply(row, _output);
                    checksum += _output[0];
                }
            }

            if (round >= 0)
            {
                _nanos[round] = (double)(MonotonicTimer.NowNanos - start) / rows.Rows.Length;
                Checksum = checksum;
            }
        }
    }
}
