using Engine.Core.Threads;

namespace Engine.Core.Tests.Threads;

/// <summary>Placement that is really applied, and refusals that are told.</summary>
public class HotThreadTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Test]
    [Platform("Linux")]
    public void A_pinned_thread_stays_on_its_cpu()
    {
        foreach (int cpu in CpuPlacement.Available().Take(4))
        {
            int elsewhere = 0;
            int[] allowed = [];
            HotThread thread = HotThread.Start(new ThreadWish { Role = "pinned", Cpu = cpu }, () =>
            {
                allowed = CpuPlacement.Available();
                for (int i = 0; i < 1_000; i++)
                {
                    elsewhere += CpuPlacement.Current() == cpu ? 0 : 1;
                    Thread.Yield();
                }
            });
            Assert.That(thread.Join(s_limit), Is.True);
            Assert.That(thread.Placement.Pinned, Is.True, thread.Placement.ToString());
            Assert.That(elsewhere, Is.Zero);
            Assert.That(allowed, Is.EqualTo(new[] { cpu }));
        }
    }

    [Test]
    [Platform("Linux")]
    public void A_cpu_that_is_not_there_is_refused_and_the_work_goes_on()
    {
        bool ran = false;
        HotThread thread = HotThread.Start(new ThreadWish { Role = "lost", Cpu = CpuPlacement.MaxCpus - 1 }, () => ran = true);
        Assert.That(thread.Join(s_limit), Is.True);
        Assert.That(ran, Is.True);
        Assert.That(thread.Placement.Pinned, Is.False);
        Assert.That(thread.Placement.PinRefusal, Is.EqualTo("EINVAL"));
        Assert.That(CpuPlacement.TryPin(CpuPlacement.MaxCpus, out string? refusal), Is.False);
        Assert.That(refusal, Does.Contain("1024"));
    }

    [Test]
    [Platform("Linux")]
    public void A_priority_out_of_range_is_refused()
    {
        HotThread thread = HotThread.Start(new ThreadWish { Role = "eager", FifoPriority = 1_000 }, () => { });
        Assert.That(thread.Join(s_limit), Is.True);
        Assert.That(thread.Placement.Fifo, Is.False);
        Assert.That(thread.Placement.ToString(), Does.Contain("fifo refused (E"));
    }

    [Test]
    public void What_the_work_throws_comes_out_of_the_join()
    {
        HotThread? told = null;
        HotThread thread = HotThread.Start(
            new ThreadWish { Role = "fails" }, () => throw new InvalidDataException("broken"), failed => told = failed);
        Assert.That(() => thread.Join(s_limit), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("broken"));
        Assert.That(told, Is.SameAs(thread));
    }

    [Test]
    public void A_join_gives_up_after_its_time()
    {
        using ManualResetEventSlim gate = new();
        HotThread thread = HotThread.Start(new ThreadWish { Role = "waits" }, gate.Wait);
        Assert.That(thread.Join(TimeSpan.FromMilliseconds(20)), Is.False);
        Assert.That(thread.IsRunning, Is.True);
        gate.Set();
        Assert.That(thread.Join(s_limit), Is.True);
    }

    [Test]
    public void The_start_report_is_one_line()
    {
        ThreadPlacement[] placements =
        [
            new() { Wish = new ThreadWish { Role = "compute", Cpu = 1, FifoPriority = 5 }, Pinned = true, FifoRefusal = "EPERM" },
            new() { Wish = new ThreadWish { Role = "record" } },
        ];
        ThreadReport report = new(placements, memoryLocked: false, lockRefusal: null, cpus: 2, hugePages: "madvise");
        Assert.That(report.ToString(), Is.EqualTo(
            "threads: compute pinned to cpu 1, fifo refused (EPERM); record unpinned; memory not locked; 2 cpus, huge pages madvise"));
        ThreadReport refused = new([], memoryLocked: false, lockRefusal: "ENO\nMEM", cpus: 1, hugePages: "never");
        Assert.That(refused.ToString(), Does.Not.Contain("\n"));
        Assert.That(ThreadReport.Of(placements, true, null).ToString(), Does.Contain("memory locked").And.Not.Contain("\n"));
    }

    [TestCase("always [madvise] never\n", "madvise")]
    [TestCase("[always] madvise never", "always")]
    [TestCase("nothing", "unknown")]
    [TestCase("]x[", "unknown")]
    public void The_huge_page_mode_is_the_word_in_brackets(string line, string mode) =>
        Assert.That(HostMemory.Bracketed(line), Is.EqualTo(mode));

    [Test]
    [Platform("Linux")]
    public void Memory_is_locked_or_the_refusal_has_a_name()
    {
        bool locked = HostMemory.LockAll(out string? refusal);
        try
        {
            Assert.That(refusal, locked ? Is.Null : Does.StartWith("E"));
        }
        finally
        {
            HostMemory.UnlockAll();
        }
    }

    [Test]
    public void A_short_sleep_is_not_shorter_than_asked()
    {
        long start = Engine.Core.Time.MonotonicTimer.NowNanos;
        ShortSleep.Sleep(200_000);
        Assert.That(Engine.Core.Time.MonotonicTimer.NowNanos - start, Is.GreaterThanOrEqualTo(200_000));
    }
}
