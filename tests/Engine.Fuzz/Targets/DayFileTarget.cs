using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Feeds.Itch;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Small BinaryFILEs of ITCH 5.0.</summary>
internal sealed unsafe class DayFileTarget : SourceTarget
{
    private const int MaxMessages = 40;

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
        // SAFETY: the input stays where it is until the file is read.
        using ItchFileSource source = new([new CaptureFile("fuzz", input, length)], SmallOptions(), "fuzz");
        Drain(source, new SourceAudit(source), length, batch);
    }
}
