using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Signals;

namespace Engine.Simulator.Tests;

/// <summary>A spoofing tape read by the engine: at each decision the snapshot row in force, and the largest quantities lately withdrawn.</summary>
internal sealed class SpoofTape
{
    /// <summary>Events of an instrument that the sequence statistic looks back on.</summary>
    public const int LookBack = 40;

    private SpoofTape(long bytes) => Bytes = bytes;

    public long Bytes { get; }

    public List<Episode> Episodes { get; } = [];

    public static SpoofTape Run(SimulationOptions options, string folder)
    {
        string path = Path.Combine(folder, "spoof.pcap");
        using var truth = new StringWriter();
        using (FileStream file = File.Create(path))
        {
            Simulation.Run(options, file, truth);
        }

        var tape = new SpoofTape(new FileInfo(path).Length);
        tape.Episodes.AddRange(Parse(truth.ToString()));
        tape.Replay(path);
        return tape;
    }

    public static IEnumerable<Episode> Parse(string truth) =>
        truth.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2).Select(line => new Episode(line.Split(',')));

    private void Replay(string path)
    {
        var limits = new EngineLimits();
        var table = new InstrumentTable(limits.Instruments);
        using MarketDataSource source = CaptureSource.Open([path], new FeedOptions { Instruments = table, Limits = limits });
        FeatureSet set = FeatureSet.Create(ContractDefinition.BuiltIn("snapshot"), Sampling.EveryEvent, limits);
        var decisions = Episodes.ToDictionary(e => (e.Symbol, e.TimeNanos));
        using var pipeline = new Pipeline<Rows>(limits, set, new Rows(table, decisions), new StageTimer { Enabled = false }) { FollowsAll = true };
        using var buffer = new NativeBuffer<MarketEvent>(limits.EventsPerPacket);
        for (int count; (count = source.Read(buffer.Span)) >= 0;)
        {
            pipeline.OnPacket(buffer.Span[..count]);
        }

        Assert.That(source.Fault, Is.Null);
    }

    internal sealed class Episode(string[] cells)
    {
        public long TimeNanos { get; } = long.Parse(cells[0], CultureInfo.InvariantCulture);

        public string Symbol { get; } = cells[1];

        public bool IsSpoof { get; } = cells[2] == "spoof";

        public bool GoesUp { get; } = cells[3] == "up";

        public long EndNanos { get; } = long.Parse(cells[4], CultureInfo.InvariantCulture);

        public bool WallIsBid { get; } = cells[5] == "bid";

        public long WallNanos { get; } = long.Parse(cells[6], CultureInfo.InvariantCulture);

        public string Wall { get; } = cells[7];

        public bool Stands { get; } = cells[8] == "1";

        public double[] Snapshot { get; set; } = [];

        public double LargestWithdrawal { get; set; }
    }

    private readonly struct Rows(InstrumentTable table, Dictionary<(string Symbol, long TimeNanos), Episode> decisions) : IRowHandler
    {
        private readonly Dictionary<int, Queue<long>> _withdrawn = [];

        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
        {
            if (!_withdrawn.TryGetValue(stamp.Instrument, out Queue<long>? queue))
            {
                _withdrawn.Add(stamp.Instrument, queue = []);
            }

            queue.Enqueue(e.Kind is EventKind.Delete or EventKind.Cancel ? e.Quantity : 0);
            if (queue.Count > LookBack)
            {
                queue.Dequeue();
            }

            if (decisions.TryGetValue((table.Symbol(stamp.Instrument)!, stamp.Time), out Episode? episode))
            {
                episode.Snapshot = [.. row.ToArray().Select(value => float.IsFinite(value) ? (double)value : 0)];
                episode.LargestWithdrawal = queue.Max();
            }
        }
    }
}
