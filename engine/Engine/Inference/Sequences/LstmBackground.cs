using System.Numerics;
using Engine.Core.Rings;

namespace Engine.Inference.Sequences;

/// <summary>
/// The background work of an LSTM on another thread: slots travel there through a ring and are worked on a piece at a time. Between two
/// pieces the predicting thread may take a slot back, whatever is left to do there; so it never waits for longer than a piece.
/// </summary>
internal sealed class LstmBackground : BackgroundWork, IDisposable
{
    private readonly LstmSequencer _sequencer;
    private readonly SlotTurns _turns;
    private readonly RingBuffer<int> _ring;
    private readonly SingleProducer<int, YieldingWait> _producer;
    private readonly SequenceBarrier<ParkingWait> _barrier;
    private readonly Sequence _consumed = new();
    private readonly SlotQueue _unready;
    private readonly SlotQueue _behind;
    private long _next;

    /// <param name="sequencer">Whose work. Not owned.</param>
    /// <param name="slots">Its slots.</param>
    public LstmBackground(LstmSequencer sequencer, int slots)
    {
        _sequencer = sequencer;
        _turns = new SlotTurns(slots);
        _ring = new RingBuffer<int>((int)BitOperations.RoundUpToPowerOf2((uint)slots));
        _ring.Touch();
        _producer = new SingleProducer<int, YieldingWait>(_ring);
        _barrier = _producer.NewBarrier<ParkingWait>();
        _producer.SetGating(_consumed);
        _unready = new SlotQueue(slots);
        _behind = new SlotQueue(slots);
    }

    /// <summary>The predicting thread hands a slot over.</summary>
    public void Give(int slot)
    {
        if (_turns.Give(slot))
        {
            // There is room: no slot is in the ring twice.
            long sequence = _producer.Next();
            _ring[sequence] = slot;
            _producer.Publish(sequence);
        }
    }

    /// <summary>The predicting thread makes a slot its own; whether it had to wait.</summary>
    public bool Take(int slot) => _turns.Take(slot);

    /// <inheritdoc/>
    public override bool DoWork()
    {
        TakeNews();
        if (!_unready.IsEmpty)
        {
            int slot = _unready.First;
            _unready.RemoveFirst();
            if (_turns.TryBegin(slot))
            {
                _sequencer.MakeReady(slot);
                _turns.Leave(slot, isMore: true);
            }

            return true;
        }

        if (_behind.IsEmpty)
        {
            return false;
        }

        Advance(_behind.First);
        return true;
    }

    /// <inheritdoc/>
    public override void Halt()
    {
        _turns.Halt();
        _producer.Halt();
    }

    /// <summary>Frees the ring; only after the thread of the background has stopped.</summary>
    public void Dispose()
    {
        _ring.Dispose();
        _turns.Dispose();
    }

    private void TakeNews()
    {
        long available = _barrier.Poll(_next);
        if (available < _next)
        {
            return;
        }

        for (; _next <= available; _next++)
        {
            _unready.Add(_ring[_next]);
            _behind.Add(_ring[_next]);
        }

        _consumed.SetRelease(available);
    }

    private void Advance(int slot)
    {
        if (_turns.TryBegin(slot))
        {
            // It may have been taken back and given again since it was made ready.
            _sequencer.MakeReady(slot);
            bool isMore = _sequencer.Advance(slot);
            if (!isMore)
            {
                _behind.RemoveFirst();
            }

            _turns.Leave(slot, isMore);
        }
        else if (_turns.TryForget(slot))
        {
            _behind.RemoveFirst();
        }
    }
}
