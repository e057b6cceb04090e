using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>The cold end of the pipeline: predictions come through a ring and go to a recorder.</summary>
internal sealed class RecordingThread : IDisposable
{
    private readonly RingBuffer<Prediction> _ring;
    private readonly BatchEventProcessor<Prediction, Handler, ParkingWait> _processor;
    private readonly ThreadWish _wish;
    private HotThread? _thread;

    /// <param name="entries">Size of the ring.</param>
    /// <param name="recorder">Where predictions go.</param>
    /// <param name="cpu">CPU to pin the thread to, or null.</param>
    public RecordingThread(int entries, IPredictionRecorder recorder, int? cpu)
    {
        _ring = new RingBuffer<Prediction>(entries);
        _ring.Touch();
        Producer = new SingleProducer<Prediction, YieldingWait>(_ring);
        SequenceBarrier<ParkingWait> barrier = Producer.NewBarrier<ParkingWait>();
        _processor = new BatchEventProcessor<Prediction, Handler, ParkingWait>(_ring, barrier, new Handler(recorder));
        Producer.SetGating(_processor.Sequence);
        _wish = new ThreadWish { Role = "record", Cpu = cpu };
    }

    /// <summary>Where the compute thread publishes.</summary>
    public SingleProducer<Prediction, YieldingWait> Producer { get; }

    /// <summary>What was applied to the thread.</summary>
    public ThreadPlacement Placement => _thread!.Placement;

    /// <summary>Starts it.</summary>
    public void Start() => _thread = HotThread.Start(_wish, _processor.Run, _ => Producer.Halt());

    /// <summary>Waits until everything published is recorded, and ends it.</summary>
    public void Finish()
    {
        _processor.HaltWhenDrained();
        _thread?.Join(Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_thread is { IsRunning: true })
        {
            _processor.Halt();
            _thread.Join(Timeout.InfiniteTimeSpan);
        }

        _ring.Dispose();
    }

    private readonly struct Handler(IPredictionRecorder recorder) : IRingEventHandler<Prediction>
    {
        public void OnEvent(ref Prediction item, long sequence, bool endOfBatch)
        {
            recorder.Append(ref item);
            if (endOfBatch)
            {
                recorder.Flush();
            }
        }
    }
}

/// <summary>Publishes predictions to the recording thread's ring.</summary>
internal readonly struct RingSink(SingleProducer<Prediction, YieldingWait> producer) : IPredictionSink
{
    /// <inheritdoc/>
    public void Publish(ref Prediction prediction)
    {
        long sequence = producer.Next();
        producer.Ring[sequence] = prediction;
        producer.Publish(sequence);
    }
}
