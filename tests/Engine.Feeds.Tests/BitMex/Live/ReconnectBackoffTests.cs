using Engine.Core.Numerics;
using Engine.Feeds.BitMex.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex.Live;

public class ReconnectBackoffTests
{
    private static IEnumerable<ulong> RandomSeeds() => Seeds.Take(20);

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(0.5), s_most = TimeSpan.FromSeconds(60), s_stable = TimeSpan.FromMinutes(1);

    [TestCaseSource(nameof(RandomSeeds))]
    public void Waits_double_up_to_the_bound_with_a_jitter_of_half(ulong seed)
    {
        ReconnectBackoff backoff = Make(seed);
        double longest = s_first.TotalSeconds;
        for (int i = 0; i < 200; i++)
        {
            backoff.Ended(TimeSpan.FromSeconds(i % 60));
            double wait = backoff.Wait().TotalSeconds;
            Assert.That(wait, Is.InRange((longest / 2) - 1e-6, longest + 1e-6), $"seed {seed}, attempt {i}");
            longest = Math.Min(2 * longest, s_most.TotalSeconds);
        }
    }

    [Test]
    public void The_jitter_is_the_seeds()
    {
        TimeSpan[] waits = Waits(7);
        Assert.That(Waits(7), Is.EqualTo(waits));
        Assert.That(Waits(7), Is.Not.EqualTo(Waits(8)));
        Assert.That(Waits(7).Distinct().Count(), Is.EqualTo(50));
    }

    [Test]
    public void A_stable_connection_begins_the_row_again()
    {
        ReconnectBackoff backoff = Make(3);
        for (int i = 0; i < 30; i++)
        {
            backoff.Ended(s_stable - TimeSpan.FromTicks(1));
        }

        Assert.That(backoff.Wait(), Is.GreaterThanOrEqualTo(s_most / 2));
        backoff.Ended(s_stable);
        Assert.That(backoff.Attempts, Is.EqualTo(1));
        Assert.That(backoff.Wait(), Is.LessThanOrEqualTo(s_first));
    }

    [TestCase(10, 10)]
    [TestCase(59, 59)]
    [TestCase(3_600, 60)]
    public void What_the_server_asks_for_is_obeyed_up_to_the_bound(int asked, int waited)
    {
        ReconnectBackoff backoff = Make(1);
        backoff.Ended(TimeSpan.Zero);
        Assert.That(backoff.Wait(TimeSpan.FromSeconds(asked)), Is.EqualTo(TimeSpan.FromSeconds(waited)));
    }

    private static ReconnectBackoff Make(ulong seed) => new(s_first, s_most, s_stable, new SeededRandom(seed));

    private static TimeSpan[] Waits(ulong seed)
    {
        ReconnectBackoff backoff = Make(seed);
        return [.. Enumerable.Range(0, 50).Select(_ =>
        {
            backoff.Ended(TimeSpan.Zero);
            return backoff.Wait();
        })];
    }
}
