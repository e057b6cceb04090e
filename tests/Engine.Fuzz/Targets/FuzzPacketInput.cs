using Engine.Core.Numerics;
using Engine.Feeds;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Recovery;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>
/// An input that is made while it is read: packets of two lines, answers to requests or to none, marks, snapshots, and nothing, in
/// hostile order. Each takes the memory of the one before it, so that what is read too late shows. A case is a step.
/// </summary>
internal sealed unsafe class FuzzPacketInput : PacketInput
{
    private const long Start = 1_600_000_000_000_000_000;
    private const int MaxPayload = 4_000, ReplyLine = 99, MaxReply = 12;
    private readonly MoldGenerator _packets;
    private readonly GuardedMemory _memory;
    private readonly GuardedMemory _snapshotMemory;
    private readonly FuzzBatch _batch;
    private readonly byte[] _bytes = new byte[2 * MaxPayload];
    private byte* _data;
    private SnapshotContent _snapshot;
    private ulong _group;
    private ulong _askedFrom;
    private int _askedCount;
    private bool _isSnapshotAsked;
    private int _made;

    /// <param name="packets">Makes the packets.</param>
    /// <param name="memory">For packets.</param>
    /// <param name="snapshotMemory">For snapshots.</param>
    /// <param name="batch">Says how many steps.</param>
    public FuzzPacketInput(MoldGenerator packets, GuardedMemory memory, GuardedMemory snapshotMemory, FuzzBatch batch)
    {
        (_packets, _memory, _snapshotMemory, _batch) = (packets, memory, snapshotMemory, batch);
        packets.Reset();
        Time = Start;
    }

    /// <summary>Packets given.</summary>
    public long Packets { get; private set; }

    /// <summary>Snapshots given.</summary>
    public long Snapshots { get; private set; }

    /// <inheritdoc/>
    public override bool HasClock => true;

    /// <inheritdoc/>
    public override IReadOnlyList<CaptureIdentity> Captures => [];

    /// <inheritdoc/>
    public override SnapshotContent Snapshot => _snapshot;

    /// <inheritdoc/>
    public override PacketNext Next()
    {
        if (_made == _batch.Count)
        {
            return PacketNext.End;
        }

        _batch.Begin(_made++);
        SeededRandom random = _batch.Random;
        long step = random.Chance(0.9) ? random.Next(20_000) : random.Next(2_000_000);
        Time += random.Chance(0.03) ? -step : step;
        HasGoodTime = true;
        IsReply = false;
        Length = 0;
        switch (random.Next(24))
        {
            case 0:
                return PacketNext.Idle;
            case 1:
                return PacketNext.Mark;
            case 2 or 3 when _isSnapshotAsked || random.Chance(0.1):
                MakeSnapshot(random);
                return PacketNext.Snapshot;
            case < 8 when _askedCount > 0:
                MakeReply(random);
                return PacketNext.Packet;
            default:
                Capture = random.Next(2);
                _group = (ulong)Capture + 1;
                Place(random, _packets.Write(random, _bytes));
                return PacketNext.Packet;
        }
    }

    /// <inheritdoc/>
    public override bool TryMark(long deadline)
    {
        if (_batch.Random.Chance(0.5))
        {
            return false;
        }

        Time = Math.Max(Time, deadline);
        return true;
    }

    /// <inheritdoc/>
    public override FrameContent Open(out UdpPayload payload)
    {
        // SAFETY: the payload lies in the guarded memory until the next packet takes its place.
        payload = new UdpPayload { Data = _data, Length = Length, Group = _group };
        return FrameContent.Udp;
    }

    /// <inheritdoc/>
    public override bool IsEnded(int capture) => false;

    /// <inheritdoc/>
    public override void Request(in SequencedPacket packet, ulong from, ulong count) => (_askedFrom, _askedCount) = (from, (int)Math.Min(count, MaxReply));

    /// <inheritdoc/>
    public override void RequestSnapshot() => _isSnapshotAsked = true;

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private void MakeReply(SeededRandom random)
    {
        bool isAll = random.Chance(0.7);
        ulong from = isAll ? _askedFrom : _askedFrom + (ulong)random.Next(3);
        int count = isAll ? _askedCount : random.Next(1, MaxReply);
        IsReply = true;
        _group = ReplyLine;
        _askedCount = random.Chance(0.8) ? 0 : _askedCount;
        Place(random, _packets.WriteAgain(random, _bytes, from, count));
    }

    private void Place(SeededRandom random, int length)
    {
        Packets++;
        IsTruncated = !_packets.IsOrderly && random.Chance(0.01);
        if (!_packets.IsOrderly && random.Chance(0.1))
        {
            length = Mutator.Mutate(random, _bytes, length, _bytes.AsSpan(0, length));
        }

        Length = length;
        _data = _memory.Place(_bytes.AsSpan(0, length), random.Chance(0.2));
    }

    /// <summary>A snapshot of about where the stream is; now and then only its beginning, though the length is always that of its bytes.</summary>
    private void MakeSnapshot(SeededRandom random)
    {
        Snapshots++;
        _isSnapshotAsked = false;
        long next = Math.Max((long)Math.Min(_packets.Next, long.MaxValue / 2) + random.Next(-8, 4), 1);
        int length = SnapshotGenerator.Write(random, _bytes, (ulong)next, _packets.IsOrderly);
        length = _packets.IsOrderly || random.Chance(0.9) ? length : random.Next(SnapshotContent.HeadBytes, length + 1);

        // SAFETY: the snapshot lies in the guarded memory until the next one takes its place.
        byte* at = _snapshotMemory.Place(_bytes.AsSpan(0, length), random.Chance(0.2));
        _snapshot = SnapshotContent.Read(at, at + SnapshotContent.HeadBytes);
        _snapshot.Length = length - SnapshotContent.HeadBytes;
    }
}
