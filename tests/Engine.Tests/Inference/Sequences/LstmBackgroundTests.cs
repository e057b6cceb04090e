using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Core.Rings;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Engine.TestKit;

namespace Engine.Tests.Inference.Sequences;

/// <summary>Background work on another thread against the same work on the predicting one, bit for bit.</summary>
public class LstmBackgroundTests
{
    private const int Instruments = 5;

    [Test]
    public void Moved_work_gives_the_same_bits_wherever_its_pieces_fall(
        [ValueSource(nameof(Kernels))] Kernel kernel, [Values] SequenceMode mode, [Values(1, 2)] int layers)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            var random = new SeededRandom(seed);
            LstmNetwork network = TestLstms.Random(random, 9, 5, 7, layers == 1 ? [20] : [12, 18], mode, initial: random.Chance(0.5));
            using var inline = new NativeLstmPredictor(network, kernel, TestLstms.Limits);
            using var moved = new NativeLstmPredictor(network, kernel, TestLstms.Limits);
            BackgroundWork work = moved.MoveBackground().Single();
            for (int i = 0; i < 1_500; i++)
            {
                int instrument = random.Next(Instruments);
                float[] row = TestModels.RandomRow(random, 9, special: false);
                AssertSame(moved.Predict(instrument, row), inline.Predict(instrument, row), $"seed {seed}, tick {i}");
                inline.CompleteBackground();

                // Handed over after a while; worked on in full, in part or not at all.
                if (random.Chance(0.8))
                {
                    moved.Background();
                }

                for (int pieces = random.Chance(0.2) ? int.MaxValue : random.Next(0, 6); pieces > 0 && work.DoWork(); pieces--)
                {
                }
            }

            Assert.That(moved.WarmingUp, Is.EqualTo(inline.WarmingUp).And.Positive);
            Assert.That((moved.LateBackground, inline.LateBackground), Is.EqualTo((moved.LateBackground, 0L)));
            Assert.That(moved.LateBackground, Is.InRange(1, 1_400), "some come before their turn, others do not");
        }
    }

    [Test]
    public void A_tick_is_late_only_where_its_own_window_is_not_ready()
    {
        var random = new SeededRandom(4);
        LstmNetwork network = TestLstms.Random(random, 4, 4, 30, [16]);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        BackgroundWork work = predictor.MoveBackground().Single();
        for (int i = 0; i < 100; i++)
        {
            predictor.Predict(0, TestModels.RandomRow(random, 4, special: false));
            predictor.Background();
            Assert.That(work.DoWork(), "one piece: the next window is made ready");
        }

        Assert.That(predictor.LateBackground, Is.Zero);
        predictor.Predict(0, TestModels.RandomRow(random, 4, special: false));
        predictor.Background();
        predictor.Predict(0, TestModels.RandomRow(random, 4, special: false));
        Assert.That(predictor.LateBackground, Is.EqualTo(1));
        while (work.DoWork())
        {
        }

        Assert.That(work.DoWork(), Is.False, "nothing comes back by itself");
    }

    [Test]
    public void Another_thread_does_the_work_and_the_bits_are_the_same([Values] SequenceMode mode)
    {
        var random = new SeededRandom(Seeds.Take(1).First());
        LstmNetwork network = TestLstms.Random(random, 8, 8, 12, [32], mode);
        using var inline = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        using var moved = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        using var thread = new WorkThread(moved.MoveBackground().Single());
        float[][] rows = TestLstms.Rows(random, 64, 8);
        for (int i = 0; i < 30_000; i++)
        {
            // Bursts of one instrument, and quiet stretches.
            int instrument = (i / 50) % 3 == 0 ? 0 : random.Next(Instruments);
            AssertSame(moved.Predict(instrument, rows[i % 64]), inline.Predict(instrument, rows[i % 64]), $"seed {random.Seed}, tick {i}");
            moved.Background();
            if (i % 100 < 50)
            {
                inline.CompleteBackground();
            }
            else if (i % 100 == 99)
            {
                thread.WaitUntilIdle();
            }
        }

        Assert.That(moved.LateBackground, Is.InRange(1, 30_000));
        Assert.That(thread.End(), Is.GreaterThan(300), "pieces that it did: at least one in every quiet moment");
    }

    [Test]
    public void Turns_keep_two_threads_apart()
    {
        const int Slots = 3;
        using var turns = new SlotTurns(Slots);
        var owners = new int[Slots];
        var queue = new System.Collections.Concurrent.ConcurrentQueue<int>();
        var begun = new int[Slots];
        bool isOver = false;
        long clashes = 0;
        var thread = new Thread(() =>
        {
            var mine = new Queue<int>();
            while (!Volatile.Read(ref isOver))
            {
                while (queue.TryDequeue(out int slot))
                {
                    mine.Enqueue(slot);
                }

                if (mine.Count == 0)
                {
                    Thread.Yield();
                    continue;
                }

                int at = mine.Dequeue();
                if (turns.TryBegin(at))
                {
                    clashes += Visit(owners, at, 2) ? 0 : 1;
                    bool isMore = ++begun[at] % 3 != 0;
                    if (isMore)
                    {
                        mine.Enqueue(at);
                    }

                    turns.Leave(at, isMore);
                }
                else if (!turns.TryForget(at))
                {
                    mine.Enqueue(at);
                }
            }
        });
        thread.Start();
        var random = new SeededRandom(Seeds.Take(1).First());
        long waits = 0;
        long own = 0;
        for (int i = 0; i < 100_000; i++)
        {
            int slot = random.Next(Slots);
            waits += turns.Take(slot) ? 1 : 0;
            own += Visit(owners, slot, 1) ? 0 : 1;
            if (turns.Give(slot))
            {
                queue.Enqueue(slot);
            }

            Assert.That(queue.Count, Is.LessThanOrEqualTo(Slots), "no slot is told of twice");
        }

        Volatile.Write(ref isOver, true);
        thread.Join();
        Assert.That((own, clashes), Is.EqualTo((0L, 0L)), $"seed {random.Seed}");
        Assert.That(begun.Sum(), Is.Positive);
        TestContext.Out.WriteLine($"{begun.Sum()} pieces, {waits} waits");
    }

    [Test]
    public void A_halt_ends_a_wait()
    {
        using var turns = new SlotTurns(2);
        Assert.That(turns.Give(1), "B is told");
        Assert.That(turns.TryBegin(1));
        turns.Halt();
        Assert.That(() => turns.Take(1), Throws.TypeOf<RingHaltedException>());
        Assert.That(turns.Take(0), Is.False, "nobody is at it");
        turns.Leave(1, isMore: true);
        Assert.That(turns.Take(1), Is.False, "it was wanted, so it has come back");
        Assert.That(turns.Give(1), Is.False, "B has it in its queues still");
        Assert.That(turns.Take(1), Is.False, "nobody is at it");
        Assert.That((turns.TryBegin(1), turns.TryForget(1), turns.TryForget(1)), Is.EqualTo((false, true, false)));
        Assert.That(turns.Give(1), "B has forgotten it");
    }

    [Test]
    public void What_is_moved_is_moved_once_and_not_reset()
    {
        using var predictor = new NativeLstmPredictor(TestLstms.Small(new SeededRandom(1)), KernelChoice.Best, TestLstms.Limits);
        predictor.Predict(new float[12]);
        Assert.That(() => predictor.MoveBackground(), Throws.InvalidOperationException);
        predictor.Reset();
        predictor.MoveBackground();
        Assert.That(() => predictor.MoveBackground(), Throws.InvalidOperationException);
        Assert.That(predictor.Reset, Throws.InvalidOperationException);
    }

    [Test]
    public void Moved_work_allocates_nothing_on_either_side()
    {
        var random = new SeededRandom(6);
        using var predictor = new NativeLstmPredictor(TestLstms.Small(random), KernelChoice.Best, TestLstms.Limits);
        BackgroundWork work = predictor.MoveBackground().Single();
        float[][] rows = TestLstms.Rows(random, 8, 12);
        long before = 0;
        for (int i = 0; i < 1_000; i++)
        {
            before = i == 200 ? GC.GetAllocatedBytesForCurrentThread() : before;
            predictor.Predict(i % Instruments, rows[i % rows.Length]);
            predictor.Background();
            while (i % 3 == 0 && work.DoWork())
            {
            }
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Both_ways_have_room_for_the_same_instruments([Values(3, 40)] int units, [Values(8, 90)] int features)
    {
        var random = new SeededRandom(11);
        LstmNetwork network = TestLstms.Random(random, features, 3, 16, [units]);
        var limits = new EngineLimits { Instruments = 64, SequenceInstruments = 4 };
        using var native = new NativeLstmPredictor(network, KernelChoice.Best, limits);
        using var scalar = new NativeLstmPredictor(network, Kernel.Scalar, limits);
        Assert.That(native.StateBytes, Is.EqualTo(scalar.StateBytes));
        Assert.That(native.StateBytes, Is.EqualTo(Math.Max(16L * features, (16L * ((2 * Padded(units)) + 16)) + (4L * Padded(units))) * sizeof(float)));

        static int Padded(int count) => (count + 15) / 16 * 16;
    }

    private static bool Visit(int[] owners, int slot, int who)
    {
        Volatile.Write(ref owners[slot], who);
        bool isAlone = true;
        for (int i = 0; i < 20; i++)
        {
            isAlone &= Volatile.Read(ref owners[slot]) == who;
        }

        return isAlone;
    }

    private static void AssertSame(float got, float expected, string what)
    {
        if (BitConverter.SingleToUInt32Bits(got) != BitConverter.SingleToUInt32Bits(expected))
        {
            Assert.Fail($"{got} in place of {expected}: {what}");
        }
    }

    private static IEnumerable<Kernel> Kernels() => KernelChoice.Supported;

    /// <summary>A thread that works, and gives way while there is nothing to do.</summary>
    private sealed class WorkThread : IDisposable
    {
        private readonly Thread _thread;
        private bool _isOver;
        private long _pieces;
        private long _idle;

        public WorkThread(BackgroundWork work)
        {
            _thread = new Thread(() =>
            {
                while (!Volatile.Read(ref _isOver))
                {
                    if (work.DoWork())
                    {
                        _pieces++;
                    }
                    else
                    {
                        Volatile.Write(ref _idle, _idle + 1);
                        Thread.Yield();
                    }
                }
            });
            _thread.Start();
        }

        /// <summary>Two looks that found nothing: the second began after the call.</summary>
        public void WaitUntilIdle()
        {
            for (long before = Volatile.Read(ref _idle); Volatile.Read(ref _idle) < before + 2;)
            {
                Thread.Yield();
            }
        }

        public long End()
        {
            Volatile.Write(ref _isOver, true);
            _thread.Join();
            return _pieces;
        }

        public void Dispose() => End();
    }
}
