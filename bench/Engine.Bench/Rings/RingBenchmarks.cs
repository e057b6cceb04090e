using BenchmarkDotNet.Attributes;
using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Rings;
using Engine.Core.Time;

namespace Engine.Bench.Rings;

/// <summary>
/// What the ring and the histogram cost one thread, without another core's cache misses: the floor under the numbers of
/// `Engine.Latency ring`. Each benchmark answers a checksum.
/// </summary>
[MemoryDiagnoser]
public class RingBenchmarks
{
    /// <summary>Operations a call; the results are per operation.</summary>
    public const int Operations = 1_024;

    private const int ClaimBatch = 16;

    private readonly RingBuffer<MarketEvent> _ring = new(Operations);
    private readonly Sequence _consumer = new();
    private readonly Sequence _manyConsumer = new();
    private readonly LatencyHistogram _histogram = new();
    private readonly WallClock _clock = new();
    private readonly SingleProducer<MarketEvent, BusySpinWait> _one;
    private readonly MultiProducer<MarketEvent, BusySpinWait> _many;
    private readonly SequenceBarrier<BusySpinWait> _barrier;
    private MarketEvent _event = new() { Kind = EventKind.Add, Price = 1, Quantity = 2 };

    /// <summary>Wires both producers, each with a consumer sequence of its own.</summary>
    public RingBenchmarks()
    {
        _one = new SingleProducer<MarketEvent, BusySpinWait>(_ring);
        _many = new MultiProducer<MarketEvent, BusySpinWait>(_ring);
        _one.SetGating(_consumer);
        _many.SetGating(_manyConsumer);
        _barrier = _one.NewBarrier<BusySpinWait>();
    }

    /// <summary>Claim, write 64 bytes, publish, one at a time; the consumer catches up once a lap.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public long SingleProducerSingly()
    {
        long sequence = 0;
        for (int i = 0; i < Operations; i++)
        {
            sequence = _one.Next();
            _ring[sequence] = _event;
            _one.Publish(sequence);
        }

        _consumer.SetRelease(_barrier.WaitFor(sequence));
        return sequence;
    }

    /// <summary>The same by batches of 16.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public long SingleProducerBatched()
    {
        long high = 0;
        for (int i = 0; i < Operations / ClaimBatch; i++)
        {
            high = _one.Next(ClaimBatch);
            for (long sequence = high - ClaimBatch + 1; sequence <= high; sequence++)
            {
                _ring[sequence] = _event;
            }

            _one.Publish(high);
        }

        _consumer.SetRelease(_barrier.WaitFor(high));
        return high;
    }

    /// <summary>Claim by compare-and-swap, write, publish the slot.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public long MultiProducerSingly()
    {
        long sequence = 0;
        for (int i = 0; i < Operations; i++)
        {
            sequence = _many.Next();
            _ring[sequence] = _event;
            _many.Publish(sequence);
        }

        _manyConsumer.SetRelease(sequence);
        return sequence;
    }

    /// <summary>One value into the histogram.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public long HistogramRecord()
    {
        for (int i = 0; i < Operations; i++)
        {
            _histogram.Record(i * 37);
        }

        return _histogram.Count;
    }

    /// <summary>One reading of the monotonic timer.</summary>
    [Benchmark]
    public long TimerReading() => MonotonicTimer.NowNanos;

    /// <summary>One reading of the wall clock.</summary>
    [Benchmark]
    public long WallClockReading() => _clock.NowNanos;

    /// <summary>Frees the ring.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _many.Dispose();
        _ring.Dispose();
    }
}
