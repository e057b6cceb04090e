using Engine.Core.Time;
using Engine.Simulator.Market;
using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>Writes one simulated exchange day. Equal options give equal bytes on every machine and runtime.</summary>
public static class Simulation
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Runs the day.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="output">Where the capture goes, uncompressed; flushed and left open.</param>
    /// <param name="truth">Where the hidden pressure goes as csv (see <see cref="TruthWriter"/>); null for nowhere.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message says how.</exception>
    public static SimulationResult Run(SimulationOptions options, Stream output, TextWriter? truth = null)
    {
        if (options.Problem() is string problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        using var hashing = new HashingStream(output);
        using var buffered = new BufferedStream(hashing, BufferBytes);
        CaptureWriter? capture = null;
        IMessageSink sink;
        if (options.Format == OutputFormat.BinaryFile)
        {
            sink = new BinaryFileWriter(buffered);
        }
        else
        {
            capture = new CaptureWriter(new PcapWriter(buffered), options.Lines, options.Loss, options.Seed, midnight);
            sink = new MoldPacketiser(capture, Session(options.Date));
        }

        var counter = new MessageCounter(sink);
        var day = new TradingDay(options, counter, truth is null ? null : new TruthWriter(truth, midnight));
        day.Run();
        buffered.Flush();
        return Summarise(options, counter, capture, hashing, midnight);
    }

    /// <summary>Runs the day into a sink of messages, without any capture around them.</summary>
    /// <param name="options">What to simulate; its lines, loss and format do not matter.</param>
    /// <param name="sink">Where the messages go.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message says how.</exception>
    public static void Run(SimulationOptions options, IMessageSink sink)
    {
        if (options.Problem() is string problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        new TradingDay(options, new MessageCounter(sink), null).Run();
    }

    /// <summary>The MoldUDP64 session of a day: its date and two digits.</summary>
    public static string Session(DateOnly date) => date.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture) + "01";

    private static SimulationResult Summarise(
        SimulationOptions options, MessageCounter counter, CaptureWriter? capture, HashingStream hashing, long midnight)
    {
        var byType = new List<(char, long)>();
        for (char type = 'A'; type <= 'Z'; type++)
        {
            if (counter.OfType(type) > 0)
            {
                byType.Add((type, counter.OfType(type)));
            }
        }

        var byInstrument = InstrumentSpec.List(options.Instruments)
            .Select(spec => (spec.Symbol, counter.OfLocate(spec.Locate)))
            .ToList();
        return new SimulationResult(
            counter.Total,
            byType,
            byInstrument,
            capture?.WrittenCount ?? 0,
            capture?.LostCount ?? 0,
            midnight + counter.FirstNanos,
            midnight + counter.LastNanos,
            hashing.Length,
            hashing.HashSoFar());
    }
}
