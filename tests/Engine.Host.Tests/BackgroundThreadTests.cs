using Engine.Core.Memory;
using Engine.Core.Threads;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Host.Commands;
using Engine.Host.Replay;
using Engine.Host.Tests.Support;
using Engine.Inference;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Tests;

/// <summary>What the thread of `--background-pin` allocates is counted as that of every hot thread, and the count can fail.</summary>
public class BackgroundThreadTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Test]
    public void What_it_allocates_after_the_warm_up_is_counted([Values] bool allocates)
    {
        var limits = new EngineLimits { Instruments = 16 };
        using MarketDataSource source = CaptureSource.Open([SampleRuns.SmallCapture], CaptureOptions.Feed("auto", null, null, limits));
        var watch = new RunWatch(limits, null, new Pacer(0, yields: false), new WarmUp(source));
        var work = new Work { Allocates = true };
        using var predictor = new Leaving(work);
        var thread = BackgroundThread.Create([new RunningModel(new Normaliser([0f], [1f]), predictor)], CpuPlacement.Available()[0], Options());
        thread.Start(watch);
        work.Await(10);
        work.Allocates = allocates;
        work.Await(10);
        watch.WarmUp.Update(50_000);
        work.Await(10);
        thread.Finish();
        Assert.That(thread.Failure, Is.Null);
        Assert.That(thread.Allocations.Bytes, allocates ? Is.GreaterThanOrEqualTo(8 * Work.Bytes) : Is.Zero, "and nothing of the warm-up");
    }

    private static ReplayOptions Options() => new()
    {
        Captures = [],
        Configuration = new RunConfiguration { Venue = "auto", Date = null, Symbols = null, Contract = "", Sampling = "", Inference = "native", Gaps = "", SuppressSuspect = false },
    };

    private sealed class Work : BackgroundWork
    {
        public const int Bytes = 1_000;

        private volatile bool _allocates;
        private volatile byte[] _last = [];
        private volatile int _calls;

        public bool Allocates
        {
            set => _allocates = value;
        }

        public void Await(int calls)
        {
            int until = _calls + calls;
            Assert.That(SpinWait.SpinUntil(() => _calls >= until, s_limit));
        }

        public override bool DoWork()
        {
            if (_allocates)
            {
                _last = new byte[Bytes + _last.Length - _last.Length];
            }

            _calls++;
            return false;
        }

        public override void Halt()
        {
        }
    }

    private sealed class Leaving(BackgroundWork work) : Predictor
    {
        public override string Kernel => "leaving";

        public override int FeatureCount => 1;

        public override float Predict(ReadOnlySpan<float> normalised) => 0;

        public override IReadOnlyList<BackgroundWork> MoveBackground() => [work];

        protected override void Dispose(bool disposing)
        {
        }
    }
}
