using System.Globalization;
using Engine.Core.Time;
using Engine.Simulator.Market;
using Engine.Simulator.Market.Known;
using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>Writes one simulated exchange day. Equal options give equal bytes on every machine and runtime.</summary>
public static class Simulation
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Runs the day.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="output">Where the capture goes, uncompressed; flushed and left open.</param>
    /// <param name="truth">Where the truth goes as csv: the hidden pressure (see <see cref="TruthWriter"/>), or what
    /// <see cref="SimulationOptions.Alpha"/> asks for; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message says how.</exception>
    public static SimulationResult Run(SimulationOptions options, Stream output, TextWriter? truth = null)
    {
        Check(options);
        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        using var hashing = new HashingStream(output);
        using var buffered = new BufferedStream(hashing, BufferBytes);
        CaptureWriter? capture = null;
        VenueFeed feed;
        if (options.Format == OutputFormat.BinaryFile)
        {
            feed = VenueFeed.OfMessages(options, [new BinaryFileWriter(buffered)]);
        }
        else
        {
            var pcap = new PcapWriter(buffered);
            capture = new CaptureWriter(pcap, options.Venue, options.Channels, options.Lines, options.Faults, options.Seed, midnight);
            feed = VenueFeed.OfPackets(options, capture.Channels);
        }

        RunDay(options, feed.Feed, truth);
        buffered.Flush();
        return Summarise(options, feed, capture, hashing, midnight);
    }

    /// <summary>Runs the day into a sink of messages, without any packet around them; XDP's channels go to the same sink.</summary>
    /// <param name="options">What to simulate; its lines, faults and format do not matter.</param>
    /// <param name="sink">Where the messages go; it is finished once a channel.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message says how.</exception>
    public static void Run(SimulationOptions options, IMessageSink sink)
    {
        Check(options);
        IMessageSink[] channels = [.. Enumerable.Repeat(sink, options.Channels)];
        RunDay(options, VenueFeed.OfMessages(options, channels).Feed, null);
    }

    /// <summary>Runs the day into sinks of packets, without any line between.</summary>
    /// <param name="options">What to simulate; its lines, faults and format do not matter.</param>
    /// <param name="channels">Where each channel's packets go, <see cref="SimulationOptions.Channels"/> of them.</param>
    /// <exception cref="ArgumentException">The options are invalid, or another number of channels; the message says how.</exception>
    public static void Run(SimulationOptions options, IReadOnlyList<IPacketSink> channels)
    {
        Check(options);
        if (channels.Count != options.Channels)
        {
            throw new ArgumentException($"{channels.Count} sinks for {options.Channels} channels; give one a channel", nameof(channels));
        }

        RunDay(options, VenueFeed.OfPackets(options, channels).Feed, null);
    }

    /// <summary>The MoldUDP64 session of a day: its date and two digits.</summary>
    public static string Session(DateOnly date) => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture) + "01";

    private static void RunDay(SimulationOptions options, FeedCounter feed, TextWriter? truth)
    {
        if (options.HasKnownTruth)
        {
            new KnownDay(options, feed, truth).Run();
            return;
        }

        TruthWriter? writer = truth is null ? null : new TruthWriter(truth, UsEastern.MidnightUtcNanos(options.Date));
        new TradingDay(options, feed, writer).Run();
    }

    private static void Check(SimulationOptions options)
    {
        if (options.Problem() is string problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }
    }

    private static SimulationResult Summarise(
        SimulationOptions options, VenueFeed feed, CaptureWriter? capture, HashingStream hashing, long midnight)
    {
        var byInstrument = InstrumentSpec.List(options.Instruments)
            .Select(spec => (spec.Symbol, feed.Feed.OfLocate(spec.Locate)))
            .ToList();
        return new SimulationResult(
            feed.Total,
            feed.ByType(),
            byInstrument,
            capture?.WrittenCount ?? 0,
            capture?.Faults ?? default,
            midnight + feed.Feed.FirstNanos,
            midnight + feed.Feed.LastNanos,
            hashing.Length,
            hashing.HashSoFar());
    }
}
