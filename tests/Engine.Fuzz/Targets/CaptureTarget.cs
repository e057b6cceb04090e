using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Small pcap and pcapng files, walked packet by packet.</summary>
/// <param name="captures">Writes them.</param>
internal sealed unsafe class CaptureTarget(CaptureGenerator captures) : InputTarget
{
    private const int SmallestRecord = 12;

    /// <inheritdoc/>
    public override string Name => captures.Name;

    /// <inheritdoc/>
    public override int Weight => 4;

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        int length = captures.Write(random, input);
        return random.Chance(0.7) ? Mutator.Mutate(random, input, length, input[..length]) : length;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        try
        {
            Walk(input, length);
        }
        catch (CaptureException)
        {
            // A file whose head cannot be read is refused in words.
        }
    }

    private static void Walk(byte* input, int length)
    {
        // SAFETY: the input stays where it is until the capture is read.
        using PacketReader reader = PacketReader.Open(new CaptureFile("fuzz", input, length));
        int packets = 0;
        for (; reader.HasRecord; reader.Advance())
        {
            FuzzBatch.Require(++packets <= length / SmallestRecord, "more packets than there is room for");
            FuzzBatch.Require(reader.Length >= 0 && reader.Data >= input && reader.Data + reader.Length <= input + length, "a packet outside its file");
        }

        FuzzBatch.Require(reader.Fault is not { } fault || (fault.Offset >= 0 && fault.Offset <= length), "a fault outside its file");
    }
}
