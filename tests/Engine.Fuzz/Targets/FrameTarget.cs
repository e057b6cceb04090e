using Engine.Core.Numerics;
using Engine.Feeds.Network;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Frames of every link type.</summary>
internal sealed unsafe class FrameTarget : InputTarget
{
    private static readonly int[] s_links = [-1, 0, 1, 1, 1, 101, 108, 113, 147, 228, 229, 276];
    private static readonly byte[] s_starts = [0x45, 0x60, 0x46, 0x4F, 0x02, 0x1E, 0x08, 0x86];
    private readonly FrameGenerator _frames = new(new MoldGenerator());

    /// <inheritdoc/>
    public override string Name => "frames";

    /// <inheritdoc/>
    public override int CasesPerBatch => 1_024;

    /// <inheritdoc/>
    public override int Weight => 32;

    /// <inheritdoc/>
    protected override void Begin() => _frames.Reset();

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        if (random.Chance(0.5))
        {
            int noise = random.Next(100);
            random.NextBytes(input[..noise]);
            input[0] = random.Chance(0.8) ? s_starts[random.Next(s_starts.Length)] : input[0];
            return noise;
        }

        int length = _frames.Write(random, input);
        int skipped = random.Chance(0.5) ? 0 : Math.Min(random.Next(20), length);
        input[skipped..length].CopyTo(input);
        return length - skipped;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        FrameContent content = FrameReader.Read(input, length, s_links[batch.Random.Next(s_links.Length)], out UdpPayload payload);
        bool isInside = payload.Data >= input && payload.Length >= 0 && payload.Data + payload.Length <= input + length;
        FuzzBatch.Require(content != FrameContent.Udp || isInside, "a payload outside its frame");
    }
}
