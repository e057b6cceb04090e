using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Captures;
using Engine.Simulator;
using Engine.TestKit;
using Engine.TestKit.Features;

namespace Engine.Feeds.Tests.Features;

/// <summary>Every row of real captures and of simulated days, column by column, against the definitions.</summary>
public class FeatureAgreementTests
{
    private static readonly EngineLimits s_limits = new()
    {
        Instruments = 1_000, Orders = 1 << 15, Levels = 1 << 16, LevelsPerSide = 1 << 13, WindowTrades = 1 << 17,
    };

    private static IEnumerable<ulong> SeedsOfDays() => Seeds.Take(1);

    [Test]
    [Category("RealData")]
    public void Every_row_of_the_snippet_agrees()
    {
        using FeatureAgreement both = Agree(Read("itch50/12302019_SNIPPET.NASDAQ_ITCH50", new DateOnly(2019, 12, 30)), "every-event");
        Assert.That(both.Rows, Is.GreaterThan(400));
    }

    [Test]
    [Category("RealData")]
    public void Every_row_of_the_real_session_agrees([Values("every-event", "grid-500")] string sampling)
    {
        using FeatureAgreement both = Agree(Read("bitmex/BITMEX.ws.17.0_202104", null), sampling);
        Assert.That(both.Rows, Is.GreaterThan(500));
    }

    [Test, Combinatorial]
    public void Rows_of_simulated_days_agree(
        [Values(Venue.Itch50, Venue.Xdp, Venue.IexDeep)] Venue venue, [Values("every-10", "grid-1000")] string sampling, [ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        using var bytes = new MemoryStream();
        Simulation.Run(new SimulationOptions { Seed = seed, Messages = 20_000, Instruments = 4, Venue = venue }, bytes);
        using FeatureAgreement both = Agree(Feed.Read(bytes.ToArray()).Events, sampling);
        Assert.That(both.Rows, Is.GreaterThan(200), $"seed {seed}");
    }

    private static List<MarketEvent> Read(string name, DateOnly? date)
    {
        using MarketDataSource source = CaptureSource.Open([RealDataTests.Find(name)], Feed.Options(date));
        return Feed.ReadAll(source).Events;
    }

    private static FeatureAgreement Agree(List<MarketEvent> events, string sampling)
    {
        var both = new FeatureAgreement("default", sampling, s_limits);
        for (int i = 0; i < events.Count; i++)
        {
            if (both.OnEvent(events[i]) is string difference)
            {
                Assert.Fail($"event {i}, {events[i].Kind} on {events[i].Instrument}: {difference}");
            }
        }

        Assert.That(both.Pipeline.RowsMade, Is.EqualTo(both.Rows));
        return both;
    }
}
