using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>
/// A capture that is made while it is read. A packet stays valid while the next one is made, so two stretches of guarded memory
/// take turns; the case that a source is at is the one before the packet made last.
/// </summary>
internal sealed unsafe class FuzzPacketReader : PacketReader
{
    private const long Start = 1_600_000_000_000_000_000;
    private readonly GuardedMemory[] _memory;
    private readonly FrameGenerator _frames;
    private readonly byte[] _frame = new byte[FrameGenerator.MaxFrame];
    private readonly FuzzBatch _batch;
    private readonly bool _isOrderly;
    private int _made;

    /// <param name="frames">Makes the packets.</param>
    /// <param name="memory">Two stretches.</param>
    /// <param name="batch">Says how many.</param>
    /// <param name="isOrderly">Whether every packet is whole and has its time.</param>
    public FuzzPacketReader(FrameGenerator frames, GuardedMemory[] memory, FuzzBatch batch, bool isOrderly)
        : base(new CaptureFile("fuzz", memory[0].Place([], false), 0))
    {
        (_memory, _frames, _batch, _isOrderly) = (memory, frames, batch, isOrderly);
        LinkType = 1;
        HasClock = true;
        frames.Reset();
        Advance();
    }

    /// <inheritdoc/>
    public override string Format => "fuzz";

    /// <inheritdoc/>
    public override void Advance()
    {
        // The packet made before is about to be looked at.
        _batch.Begin(Math.Max(_made - 1, 0));
        HasRecord = _made < _batch.Count;
        if (!HasRecord)
        {
            return;
        }

        SeededRandom random = _batch.Random;
        int length = _frames.Write(random, _frame);
        IsTruncated = !_isOrderly && random.Chance(0.03);
        length = IsTruncated ? random.Next(length + 1) : length;

        // SAFETY: the packet lies in guarded memory that the target keeps.
        Data = _memory[_made & 1].Place(_frame.AsSpan(0, length), random.Chance(0.2));
        Length = length;
        Time = Start + (_made * 1_000L);
        HasGoodTime = _isOrderly || random.Chance(0.98);
        _made++;
    }
}
