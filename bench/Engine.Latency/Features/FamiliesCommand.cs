using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Threads;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Signals;
using Engine.Simulator;

namespace Engine.Latency.Features;

/// <summary>
/// `families`: what a row costs by contract and by family, over the decoded events of one simulated day. A family's cost is that of a
/// contract of it and `trust` alone, over that of a contract of `trust` alone; rounds are interleaved; processor time of the thread.
/// </summary>
public static class FamiliesCommand
{
    private const int Rounds = 7;
    private const int Batch = 64;
    private const string Base = "health";

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        long messages = 500_000;
        int instruments = 20;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool good = args[i] switch
            {
                "--messages" => long.TryParse(value, out messages) && messages is >= 1_000 and <= 20_000_000,
                "--instruments" => int.TryParse(value, out instruments) && instruments is >= 1 and <= 200,
                _ => false,
            };
            if (!good)
            {
                Console.Error.WriteLine($"families: {args[i]} {value}: use --messages 1000..20000000, --instruments 1..200");
                return 2;
            }
        }

        CpuPlacement.TryPin(CpuPlacement.Available()[^1], out _);
        MarketEvent[] day = Day(messages, instruments);
        output.WriteLine($"# {MachineName.Describe()}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, families: {day.Length:N0} events, {instruments} instruments; {Rounds} rounds, median (best) ns of processor time an event"));
        Measure(day, output);
        return 0;
    }

    private static void Measure(MarketEvent[] day, TextWriter output)
    {
        string[] families = [.. FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, new EngineLimits()).Contract.Families];
        List<(string Name, ContractDefinition Definition)> contracts = [("books and `health`", Alone(Base))];
        contracts.AddRange(ContractDefinition.Names.Select(n => ($"contract {n}", ContractDefinition.BuiltIn(n))));
        contracts.AddRange(families.Where(f => f != Base).Select(f => ("  " + f, Alone(Base, f))));
        double[][] nanos = [.. contracts.Select(_ => new double[Rounds])];
        int[] columns = new int[contracts.Count];
        var batch = new MarketEvent[Batch];
        for (int r = -1; r < Rounds; r++)
        {
            for (int c = 0; c < contracts.Count; c++)
            {
                (double cost, columns[c]) = Time(contracts[c].Definition, day, batch);
                nanos[c][Math.Max(r, 0)] = cost;
            }
        }

        double[] least = nanos[0];
        for (int c = 0; c < contracts.Count; c++)
        {
            double[] over = [.. nanos[c].Zip(least, (n, b) => c == 0 ? n : n - b).Order()];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{contracts[c].Name,-28} {columns[c],4} columns {over[Rounds / 2],8:F1} ({over[0]:F1}){(c == 0 ? "" : " over the first")}"));
        }
    }

    private static ContractDefinition Alone(params string[] families) =>
        ContractDefinition.Parse($"{{ \"name\": \"bench\", \"families\": [{string.Join(", ", families.Select(f => $"\"{f}\""))}] }}", "bench");

    private static (double Nanos, int Columns) Time(ContractDefinition definition, MarketEvent[] day, MarketEvent[] batch)
    {
        var limits = new EngineLimits { Instruments = 1_024 };
        FeatureSet set = FeatureSet.Create(definition, Sampling.EveryEvent, limits);
        using var pipeline = new Pipeline<Sum>(limits, set, default, new StageTimer { Enabled = false });
        long start = ThreadCpuTime.NowNanos;
        for (int at = 0; at < day.Length; at += Batch)
        {
            int count = Math.Min(Batch, day.Length - at);
            Array.Copy(day, at, batch, 0, count);
            pipeline.OnPacket(batch.AsSpan(0, count));
        }

        long nanos = ThreadCpuTime.NowNanos - start;
        GC.KeepAlive(pipeline.Rows.Value);
        return ((double)nanos / day.Length, set.Contract.Count);
    }

    private static MarketEvent[] Day(long messages, int instruments)
    {
        string path = Path.Combine(Path.GetTempPath(), $"engine-families-{Environment.ProcessId}.itch");
        try
        {
            using (FileStream file = File.Create(path))
            {
                Simulation.Run(new SimulationOptions { Seed = 1, Messages = messages, Instruments = instruments, Format = OutputFormat.BinaryFile }, file);
            }

            var day = new List<MarketEvent>((int)messages);
            var buffer = new MarketEvent[1_024];
            using MarketDataSource source = CaptureSource.Open([path], new FeedOptions { Instruments = new InstrumentTable(1_024), Date = new DateOnly(2026, 1, 5) });
            for (int count; (count = source.Read(buffer)) >= 0;)
            {
                day.AddRange(buffer.AsSpan(0, count));
            }

            return [.. day];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private struct Sum : IRowHandler
    {
        public long Value;

        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => Value += BitConverter.SingleToInt32Bits(row[^1]);
    }
}
