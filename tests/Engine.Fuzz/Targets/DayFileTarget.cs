using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Feeds.Itch;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Small BinaryFILEs of ITCH 5.0.</summary>
internal sealed unsafe class DayFileTarget : InputTarget
{
    private const int Instruments = 16, MaxMessages = 40;
    private readonly MarketEvent[] _events = new MarketEvent[ItchFileSource.Batch];

    /// <inheritdoc/>
    public override string Name => "binaryfile";

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        ByteWriter writer = new(input);
        for (int i = random.Next(1, MaxMessages); i > 0; i--)
        {
            int length = MoldGenerator.Message(random, writer.Rest[2..], false);
            writer.Big16(length);
            writer.Skip(length);
        }

        if (random.Chance(0.3))
        {
            writer.Big16(0);
        }

        return random.Chance(0.7) ? Math.Max(Mutator.Mutate(random, input, writer.Length, input[..writer.Length]), 1) : writer.Length;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(Instruments) };

        // SAFETY: the input stays where it is until the file is read.
        using ItchFileSource source = new([new CaptureFile("fuzz", input, length)], options, "fuzz");
        SourceAudit audit = new(source);
        int count;
        for (int reads = 0; (count = source.Read(_events)) >= 0; reads++)
        {
            FuzzBatch.Require(reads <= length, "a file that does not end");
            audit.Check(_events.AsSpan(0, count), batch.Random.Next(8) == 0);
        }

        FuzzBatch.Require(source.Fault is not { } fault || (fault.Offset >= 0 && fault.Offset <= length), "a fault outside its file");
    }
}
