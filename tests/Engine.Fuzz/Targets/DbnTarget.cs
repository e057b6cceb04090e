using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Feeds.Dbn;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Small DBN files of every version.</summary>
internal sealed unsafe class DbnTarget : SourceTarget
{
    private readonly GuardedMemory _copy = new(MaxInput);
    private readonly DbnGenerator _files = new();

    /// <inheritdoc/>
    public override string Name => "dbn";

    /// <inheritdoc/>
    public override int CasesPerBatch => 512;

    /// <inheritdoc/>
    public override int Weight => 4;

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        int length = _files.Write(random, input);
        if (random.Chance(0.3))
        {
            return length;
        }

        // Mostly not the metadata, which a change refuses in words.
        int kept = random.Chance(0.7) ? _files.Head : 0;
        return length == kept ? length : kept + Mutator.Mutate(random, input[kept..], length - kept, input[kept..length]);
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        try
        {
            // SAFETY: the input and its copy stay where they are until the files are read.
            byte* copy = _copy.Place(new ReadOnlySpan<byte>(input, length), batch.Random.Chance(0.5));
            DbnStream first = new(new CaptureFile("fuzz", input, length), 0);
            DbnStream[] streams = batch.Random.Chance(0.9) ? [first] : [first, new DbnStream(new CaptureFile("copy", copy, length), 1)];
            using DbnFileSource source = new(streams, SmallOptions());
            Drain(source, new SourceAudit(source) { HasRecords = true }, streams.Length * length, batch);
        }
        catch (CaptureException refused)
        {
            FuzzBatch.Require(!refused.Message.Contains('\n', StringComparison.Ordinal), "a refusal of more than one line");
        }
    }
}
