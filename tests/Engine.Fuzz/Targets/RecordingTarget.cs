using Engine.Core.Numerics;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Feeds.Itch;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Recovery;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Recordings of live runs, damaged: their comment, the roles of their interfaces, snapshots in pieces.</summary>
internal sealed unsafe class RecordingTarget : SourceTarget
{
    private readonly RecordingGenerator _recordings = new();

    /// <inheritdoc/>
    public override string Name => "recording";

    /// <inheritdoc/>
    public override int CasesPerBatch => 256;

    /// <inheritdoc/>
    public override int Weight => 2;

    /// <inheritdoc/>
    protected override long MaxAllocated => 64 << 10;

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        int length = _recordings.Write(random, input);
        if (random.Chance(0.4))
        {
            return length;
        }

        // The head holds the comment and the roles; damage there is of another kind.
        int kept = random.Chance(0.5) ? _recordings.Head : 0;
        return length == kept ? length : kept + Mutator.Mutate(random, input[kept..], length - kept, input[kept..length]);
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        try
        {
            // SAFETY: the input stays where it is until the capture is read.
            PacketReader reader = PacketReader.Open(new CaptureFile("fuzz", input, length));
            Read(new PcapMerge([reader]), Policy(reader), length, batch);
            using PacketReader again = PacketReader.Open(new CaptureFile("fuzz", input, length));
            Assemble(again, length);
        }
        catch (CaptureException)
        {
            // A file whose head cannot be read is refused in words.
        }
    }

    private void Read(PcapMerge merge, GapPolicy policy, int length, FuzzBatch batch)
    {
        FeedOptions options = SmallOptions();
        options = options with
        {
            Gaps = policy,
            Limits = options.Limits with { HeldPackets = 16, HeldPacketBytes = 1_024, CatchUpBytes = 1_024 },
        };
        FeedStatistics statistics = new();
        using PacketSource source = new(merge, options, "fuzz", new ItchFeed(options, statistics, merge.IsEnded), statistics);
        SourceAudit audit = new(source);
        Drain(source, audit, length, batch);
        RecoveryAudit.CheckEnd(statistics, audit.Lost, false);
    }

    /// <summary>What the recording says of its own run; where it can be read, it is within bounds and says the same again.</summary>
    private static GapPolicy Policy(PacketReader reader)
    {
        if (reader is not PcapngReader { IsRecording: true } recording
            || !GapPolicy.TryParse(recording.SectionComment[RecordedInterface.CommentPrefix.Length..], out GapPolicy policy))
        {
            return GapPolicy.Merging;
        }

        bool isBounded = policy is { WaitNanos: >= 0 and <= GapPolicy.MaxWaitNanos, RequestTimeoutNanos: >= 0 and <= GapPolicy.MaxWaitNanos, Requests: >= 0 and <= GapPolicy.MaxRequests };
        FuzzBatch.Require(isBounded, $"a policy out of bounds: {policy}");
        FuzzBatch.Require(GapPolicy.TryParse(policy.ToString(), out GapPolicy again) && again == policy, $"a policy that does not come back: {policy}");
        return policy;
    }

    /// <summary>Snapshots are put together from no more than their pieces, and take no more memory than those, whatever their heads say.</summary>
    private static void Assemble(PacketReader reader, int length)
    {
        using RecordedSnapshot snapshot = new();
        for (; reader.HasRecord; reader.Advance())
        {
            if (reader.Role == InterfaceRole.Snapshot && snapshot.Add(reader.Data, reader.Length))
            {
                SnapshotContent content = snapshot.Content;
                FuzzBatch.Require(content.Length >= 0 && content.Length <= length, $"a snapshot of {content.Length} bytes");
            }

            FuzzBatch.Require(snapshot.RoomBytes <= 2L * length, $"{snapshot.RoomBytes:N0} bytes for the pieces of a snapshot in a file of {length:N0}");
        }
    }
}
