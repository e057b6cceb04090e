using System.Runtime.InteropServices;
using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Feeds;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>
/// Receive and compute on a thread each. Events travel through a ring; the moment their packet was picked up travels beside
/// them. An event of kind <see cref="EventKind.None"/> is the end.
/// </summary>
/// <typeparam name="TReceiveWait">What receiving does while the ring is full.</typeparam>
/// <typeparam name="TComputeWait">What computing does while the ring is empty.</typeparam>
internal sealed class SplitRun<TReceiveWait, TComputeWait> : IReplayRun
    where TReceiveWait : struct, IWaitStrategy
    where TComputeWait : struct, IWaitStrategy
{
    private const int PrefetchedEvents = 64;

    private readonly MarketDataSource _source;
    private readonly Pipeline<PredictionStage<RingSink>> _pipeline;
    private readonly StageTimer _timer;
    private readonly RunWatch _watch;
    private readonly NativeBuffer<MarketEvent> _events;
    private readonly RingBuffer<MarketEvent> _ring;
    private readonly NativeBuffer<long> _wires;
    private readonly SingleProducer<MarketEvent, TReceiveWait> _producer;
    private readonly SequenceBarrier<TComputeWait> _barrier;
    private readonly Sequence _consumed = new();
    private readonly HotThreadMeter _receiveMeter = new();
    private readonly HotThreadMeter _computeMeter = new();
    private readonly ManualResetEventSlim _computing = new();
    private HotThread? _receive;
    private HotThread? _compute;

    /// <param name="source">Where events come from.</param>
    /// <param name="pipeline">Where they go.</param>
    /// <param name="timer">Laps of the compute thread, and of decoding on the receiving one.</param>
    /// <param name="watch">What the run shares.</param>
    public SplitRun(MarketDataSource source, Pipeline<PredictionStage<RingSink>> pipeline, StageTimer timer, RunWatch watch)
    {
        _source = source;
        _pipeline = pipeline;
        _timer = timer;
        _watch = watch;
        _events = new NativeBuffer<MarketEvent>(watch.Limits.EventsPerPacket);
        _ring = new RingBuffer<MarketEvent>(watch.Limits.RingEntries);
        _ring.Touch();
        _wires = new NativeBuffer<long>(watch.Limits.RingEntries);
        _producer = new SingleProducer<MarketEvent, TReceiveWait>(_ring);
        _barrier = _producer.NewBarrier<TComputeWait>();
        _producer.SetGating(_consumed);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ThreadPlacement> Placements => [_receive!.Placement, _compute!.Placement];

    /// <inheritdoc/>
    public (long Bytes, int Collections) Allocations =>
        (_receiveMeter.Bytes + _computeMeter.Bytes, Math.Max(_receiveMeter.Collections, _computeMeter.Collections));

    /// <inheritdoc/>
    public void Start(ReplayOptions options)
    {
        int? Pin(int index) => options.Pins.Count > index ? options.Pins[index] : null;
        _compute = HotThread.Start(
            new ThreadWish { Role = "compute", Cpu = Pin(1), FifoPriority = options.FifoPriority }, Compute, _ => Fail());
        _receive = HotThread.Start(
            new ThreadWish { Role = "receive", Cpu = Pin(0), FifoPriority = options.FifoPriority }, Receive, _ => _barrier.Alert());
    }

    /// <inheritdoc/>
    public IEnumerable<Exception> Failures => ((HotThread?[])[_compute, _receive]).Select(t => t?.Failure).OfType<Exception>();

    /// <inheritdoc/>
    public bool Wait(TimeSpan timeout) => (_compute is null || _compute.Wait(timeout)) && (_receive is null || _receive.Wait(timeout));

    /// <inheritdoc/>
    public void Halt()
    {
        _producer.Halt();
        _computing.Set();
        _barrier.Alert();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _events.Dispose();
        _ring.Dispose();
        _wires.Dispose();
        _computing.Dispose();
    }

    /// <summary>The compute thread is gone: the receiving one must neither wait for its start nor for room, nor read on.</summary>
    private void Fail()
    {
        _watch.Halt();
        _producer.Halt();
        _computing.Set();
    }

    private void Receive()
    {
        WaitRehearsal.Run<TReceiveWait>();
        _watch.Pacer.Rehearse();

        // Nothing is picked up before the compute thread has listened to the machine: it would lie in the ring and look late.
        _computing.Wait();
        long events = 0;
        while (!_watch.MustEnd)
        {
            long wire = MonotonicTimer.NowNanos;
            int count = _source.Read(_events.Span);
            if (count < 0)
            {
                _watch.SourceEnded();
                break;
            }

            if (count > 0)
            {
                long decoding = MonotonicTimer.NowNanos - wire;
                if (!_receiveMeter.IsStarted && _watch.WarmUp.IsOver)
                {
                    _timer.ResetDecode();
                    _watch.Pacer.Reset();
                    _receiveMeter.Start();
                }

                _timer.Decode.Record(decoding / count);
                _watch.WarmUp.Update(events);
                events += count;
                if (_watch.Pacer.IsPacing)
                {
                    HandOnWhenDue(_events.Span[..count], wire, decoding);
                }
                else
                {
                    HandOn(_events.Span[..count], wire);
                }
            }
        }

        _receiveMeter.Stop();
        HandOn([default], 0);
    }

    private void HandOnWhenDue(ReadOnlySpan<MarketEvent> events, long wire, long decoding)
    {
        while (!events.IsEmpty)
        {
            int due = Pacer.DueTogether(events);
            HandOn(events[..due], Pacer.Begun(_watch.Pacer.Wait(events[0].ReceiveTime, _watch), wire, decoding));
            events = events[due..];
        }
    }

    private void HandOn(ReadOnlySpan<MarketEvent> events, long wire)
    {
        // A packet is far smaller than the ring; the loop is for limits that say otherwise.
        while (!events.IsEmpty)
        {
            int count = Math.Min(events.Length, _ring.Size);
            long high = _producer.Next(count);
            long low = high - count + 1;
            for (int i = 0; i < count; i++)
            {
                _ring[low + i] = events[i];
                _wires[(int)((low + i) & (_ring.Size - 1))] = wire;
            }

            _producer.Publish(high);
            events = events[count..];
        }
    }

    private void Compute()
    {
        WaitRehearsal.Run<TComputeWait>();
        WaitRehearsal.Run<YieldingWait>();
        HiccupMeter.Run(_watch.Hiccups, RunWatch.HiccupNanos);
        _watch.Begin();
        _computing.Set();
        bool more = true;
        for (long next = 0; more;)
        {
            long available = WaitFor(next);
            if (available < next)
            {
                break;
            }

            // Up to the end of the ring's memory, so that the slots lie side by side.
            int start = (int)(next & (_ring.Size - 1));
            int count = (int)Math.Min(available - next + 1, _ring.Size - start);
            more = Take(MemoryMarshal.CreateSpan(ref _ring[next], count), start);
            next += count;
            _consumed.SetRelease(next - 1);
        }

        _computeMeter.Stop();
        _watch.End();
        HiccupMeter.Run(_watch.Hiccups, RunWatch.HiccupNanos);
    }

    /// <summary>Waits for events; while there are none, does what the models left for afterwards, if that was left for here.</summary>
    private long WaitFor(long next)
    {
        bool isMore = _pipeline.Rows.DefersBackground;
        while (isMore && _barrier.Poll(next) < next)
        {
            isMore = _pipeline.Background();
        }

        return _barrier.WaitFor(next);
    }

    private bool Take(Span<MarketEvent> events, int start)
    {
        _timer.Begin(_wires[start]);
        _watch.Swapper?.Poll();
        for (int i = 0; i < events.Length; i++)
        {
            Prefetch(events, i);
            if (events[i].Kind == EventKind.None)
            {
                return false;
            }

            if (!_computeMeter.IsStarted && _pipeline.Events >= _watch.WarmUp.Events)
            {
                _timer.Reset();
                _computeMeter.Start();
            }

            _timer.Wire(_wires[start + i]);
            _pipeline.OnEvent(ref events[i]);
        }

        return true;
    }

    /// <summary>Fetches what the next events' orders need; a few at a time, since what lies in the ring may be more than a cache holds.</summary>
    private void Prefetch(ReadOnlySpan<MarketEvent> events, int i)
    {
        int place = i % PrefetchedEvents;
        ReadOnlySpan<MarketEvent> some = events[(i - place)..Math.Min(events.Length, i - place + PrefetchedEvents)];
        if (place == 0)
        {
            _pipeline.Books.PrefetchPacket(some);
        }

        _pipeline.Books.PrefetchAhead(some, place);
    }
}
