using System.Globalization;
using Engine.Core.Diagnostics;
using Engine.Core.Threads;

namespace Engine.Latency.Rings;

/// <summary>`ring`: throughput and round trips of a one-to-one ring between every two CPUs.</summary>
public static class RingCommand
{
    /// <summary>A bare round trip below this, ns, is called near: the two CPUs share a cache.</summary>
    public const double NearLimitNanos = 200;

    private const int BatchSize = 16;
    private const int MaxPairs = 64;
    private const int TripsPerEvents = 10;

    /// <summary>Measures and prints a table. 0, or 2 when an option makes no sense or there is only one CPU.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        if (RingOptions.Parse(args, out string fault) is not RingOptions options)
        {
            Console.Error.WriteLine(fault);
            return 2;
        }

        int[] cpus = CpuPlacement.Available();
        if (cpus.Length < 2)
        {
            Console.Error.WriteLine("ring: needs two CPUs, for two spinning threads.");
            return 2;
        }

        string date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
        output.WriteLine($"# {MachineName.Describe()}");
        output.WriteLine($"# {date}, ring {string.Join(' ', args)}: {options.Events} events of 64 bytes, {options.Size} slots, {options.Rounds} rounds");
        output.WriteLine($"# {new ThreadReport([], false, null, cpus.Length, HostMemory.HugePages())}");
        output.WriteLine("pair    place  bare_rt_ns best/median  singly_M/s best/median  by_16_M/s best/median  rt_mean_ns best/median  rt_ns p50    p90    p99   p999      max");
        ulong checksum = 0;
        foreach ((int from, int to) in Pairs(cpus, options.FirstPairOnly))
        {
            output.WriteLine(Measure(options, from, to, ref checksum));
        }

        output.WriteLine($"checksum {checksum:x16}");
        return 0;
    }

    private static IEnumerable<(int From, int To)> Pairs(int[] cpus, bool firstOnly)
    {
        IEnumerable<(int, int)> pairs = cpus.SelectMany(from => cpus.Where(to => to != from).Select(to => (from, to)));
        return pairs.Take(firstOnly ? 1 : MaxPairs);
    }

    private static string Measure(RingOptions options, int from, int to, ref ulong checksum)
    {
        int trips = Math.Max(1, options.Events / TripsPerEvents);
        double[] bare = new double[options.Rounds];
        double[] singly = new double[options.Rounds];
        double[] batched = new double[options.Rounds];
        double[] mean = new double[options.Rounds];
        LatencyHistogram trip = new();
        for (int round = 0; round < options.Rounds; round++)
        {
            bare[round] = RoundTripRun.Bare(trips, from, to);
            ThroughputRun.Round one = ThroughputRun.Run(options.Size, options.Events, 1, from, to);
            ThroughputRun.Round many = ThroughputRun.Run(options.Size, options.Events, BatchSize, from, to);
            singly[round] = options.Events * 1e3 / one.Nanos;
            batched[round] = options.Events * 1e3 / many.Nanos;
            mean[round] = RoundTripRun.ThroughRings(trip, trips, from, to);
            checksum = checksum * 31 + one.Checksum + many.Checksum;
        }

        // The hypervisor may move a CPU between rounds, and a busy host makes near look far: then the two differ.
        string place = (bare.Min() < NearLimitNanos, Median(bare) < NearLimitNanos) switch
        {
            (true, true) => "near",
            (true, false) => "mixed",
            _ => "far",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{from,2}->{to,-2}  {place,-5}  {bare.Min(),10:F0} / {Median(bare),9:F0}  {singly.Max(),14:F1} / {Median(singly),7:F1}  {batched.Max(),13:F1} / {Median(batched),7:F1}  {mean.Min(),14:F0} / {Median(mean),7:F0}  {trip.ValueAtPercentile(50),9} {trip.ValueAtPercentile(90),6} {trip.ValueAtPercentile(99),6} {trip.ValueAtPercentile(99.9),6} {trip.Max,8}");
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
