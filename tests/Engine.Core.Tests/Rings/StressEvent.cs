using Engine.Core.Rings;

namespace Engine.Core.Tests.Rings;

/// <summary>A line of words that all follow from one number: a torn, stale or overwritten slot does not add up.</summary>
public struct StressEvent
{
    public long Number;
    public ulong A, B, C, D, E, F;
    public ulong Sum;

    public void Write(long number)
    {
        Number = number;
        A = Mix(number, 1);
        B = Mix(number, 2);
        C = Mix(number, 3);
        D = Mix(number, 4);
        E = Mix(number, 5);
        F = Mix(number, 6);
        Sum = A ^ B ^ C ^ D ^ E ^ F;
    }

    public readonly bool IsWhole(long number) =>
        Number == number && A == Mix(number, 1) && F == Mix(number, 6) && Sum == (A ^ B ^ C ^ D ^ E ^ F);

    private static ulong Mix(long number, ulong salt) => (ulong)number * 0x9E3779B97F4A7C15 ^ salt * 0xBF58476D1CE4E5B9;
}

/// <summary>A producer as the checker drives it, right or wrong.</summary>
public abstract class StressPort
{
    public const int RingSize = 16;

    protected StressPort(RingBuffer<StressEvent> ring) => Ring = ring;

    public RingBuffer<StressEvent> Ring { get; }

    public abstract SequenceBarrier<YieldingWait> NewBarrier();

    public abstract void SetGating(Sequence consumer);

    /// <summary>Claims, writes and publishes one event.</summary>
    public abstract void Send(long number);
}

/// <summary>The ring as it should be used.</summary>
public sealed class SoundPort(RingBuffer<StressEvent> ring) : StressPort(ring)
{
    private readonly SingleProducer<StressEvent, YieldingWait> _producer = new(ring);

    public override SequenceBarrier<YieldingWait> NewBarrier() => _producer.NewBarrier<YieldingWait>();

    public override void SetGating(Sequence consumer) => _producer.SetGating(consumer);

    public override void Send(long number)
    {
        long sequence = _producer.Next();
        Ring[sequence].Write(number);
        _producer.Publish(sequence);
    }
}

/// <summary>Broken: publishes before it writes.</summary>
public sealed class EarlyPort(RingBuffer<StressEvent> ring) : StressPort(ring)
{
    private readonly SingleProducer<StressEvent, YieldingWait> _producer = new(ring);

    public override SequenceBarrier<YieldingWait> NewBarrier() => _producer.NewBarrier<YieldingWait>();

    public override void SetGating(Sequence consumer) => _producer.SetGating(consumer);

    public override void Send(long number)
    {
        long sequence = _producer.Next();
        _producer.Publish(sequence);
        Ring[sequence].Write(number);
    }
}

/// <summary>Broken: lets the producer run a number of slots past the consumer.</summary>
public sealed class OverrunPort(RingBuffer<StressEvent> ring, long overrun) : StressPort(ring)
{
    private readonly Sequence _cursor = new();
    private Sequence _consumer = new();

    public override SequenceBarrier<YieldingWait> NewBarrier() => new(_cursor);

    public override void SetGating(Sequence consumer) => _consumer = consumer;

    public override void Send(long number)
    {
        long sequence = _cursor.Value + 1;
        for (int attempt = 0; sequence - Ring.Size - overrun > _consumer.Value; attempt++)
        {
            default(YieldingWait).Idle(attempt);
        }

        Ring[sequence].Write(number);
        _cursor.SetRelease(sequence);
    }
}
