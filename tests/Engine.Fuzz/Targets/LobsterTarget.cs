using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Feeds.Lobster;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Small LOBSTER message files, with the rows beside them and without.</summary>
internal sealed unsafe class LobsterTarget : SourceTarget
{
    private static readonly LobsterName s_name = LobsterName.Of("FUZZ_2012-06-21_34200000_57600000_message_5.csv");
    private static readonly LobsterName s_dateless = LobsterName.Of("fuzz.csv");
    private readonly GuardedMemory _memory = new(MaxInput);
    private readonly byte[] _rows = new byte[MaxInput];
    private int _rowBytes;

    /// <inheritdoc/>
    public override string Name => "lobster";

    /// <inheritdoc/>
    public override int CasesPerBatch => 256;

    /// <inheritdoc/>
    public override int Weight => 2;

    /// <inheritdoc/>
    protected override long MaxReads(int length) => (100L * length) + 64;

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        (int length, _rowBytes) = LobsterGenerator.Write(random, input, _rows);
        _rowBytes = random.Chance(0.2) ? Mutator.Mutate(random, _rows, _rowBytes, _rows.AsSpan(0, _rowBytes)) : _rowBytes;
        return random.Chance(0.4) ? Mutator.Mutate(random, input, length, input[..length]) : length;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        bool hasRows = batch.Random.Chance(0.6);
        bool isDated = batch.Random.Chance(0.8);
        try
        {
            // SAFETY: both inputs stay where they are until the files are read.
            byte* rows = _memory.Place(_rows.AsSpan(0, _rowBytes), batch.Random.Chance(0.2));
            LobsterBook? book = hasRows ? new LobsterBook(new CaptureFile("rows", rows, _rowBytes)) : null;
            LobsterName name = isDated ? s_name : s_dateless;
            LobsterStream stream = new(new CaptureFile("fuzz", input, length), 0, name, name.Date, book);
            using LobsterFileSource source = new([stream], SmallOptions());
            uint bare = hasRows ? 1u << (int)EventKind.LevelSet : 0;
            Drain(source, new SourceAudit(source) { HasRecords = true, BareKinds = bare }, length + _rowBytes, batch);
        }
        catch (CaptureException refused)
        {
            FuzzBatch.Require(!refused.Message.Contains('\n', StringComparison.Ordinal), "a refusal of more than one line");
        }
    }
}
