using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Rings;

namespace Engine.Core.Tests.Rings;

/// <summary>What two threads write must not share a 128-byte pair of lines, wherever the object lies.</summary>
public class PaddedLayoutTests
{
    private const int Pair = 128;

    [Test]
    public void Padded_long() => Check<PaddedLong>(PaddedLong.SizeInBytes, nameof(PaddedLong.Value), 128, 8);

    [Test]
    public void Sequence_cell()
    {
        Check<SequenceCell>(SequenceCell.SizeInBytes, nameof(SequenceCell.Value), 128, 16);
        Assert.That((int)Marshal.OffsetOf<SequenceCell>(nameof(SequenceCell.Claimed)), Is.EqualTo(136));
    }

    [Test]
    public void Barrier_state()
    {
        Check<BarrierState>(BarrierState.SizeInBytes, nameof(BarrierState.CachedAvailable), 128, 16);
        Assert.That((int)Marshal.OffsetOf<BarrierState>(nameof(BarrierState.Alerted)), Is.EqualTo(136));
        Assert.That((int)Marshal.OffsetOf<BarrierState>(nameof(BarrierState.Streaming)), Is.EqualTo(140));
    }

    private static void Check<T>(int size, string first, int offset, int payload)
        where T : unmanaged
    {
        Assert.That(Unsafe.SizeOf<T>(), Is.EqualTo(size));
        Assert.That((int)Marshal.OffsetOf<T>(first), Is.EqualTo(offset));
        Assert.That(offset, Is.GreaterThanOrEqualTo(Pair), "padding before");

        // Objects are aligned to 8 bytes, so the last 8 of the pair belong to the payload at the worst.
        Assert.That(size - offset - payload, Is.GreaterThanOrEqualTo(Pair - 16), "padding after");
    }
}
