using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Simulator;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Simulated;

/// <summary>Days whose lines lose, repeat, reorder and delay packets, on every venue: what does not come is counted as lost.</summary>
public class FaultyLineTests
{
    private static readonly Venue[] s_venues = [Venue.Itch50, Venue.Xdp, Venue.IexDeep];

    private static IEnumerable<ulong> SeedsOfDays() => Seeds.Take(2);

    [Test]
    public void Copies_and_delays_change_no_book([ValueSource(nameof(s_venues))] Venue venue, [ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        VenueDay whole = VenueDay.Of(Day(venue, seed));
        VenueDay faulty = VenueDay.Of(Day(venue, seed) with { Lines = 1, Duplicate = 0.05, DelaySpike = 0.01 });
        Assert.That(faulty.Irregularities("duplicates"), Is.Empty);
        Assert.That(faulty.Statistics.Duplicates, Is.GreaterThan(100));
        Assert.That(Digest(faulty), Is.EqualTo(Digest(whole)));
    }

    [Test]
    public void Two_lines_make_up_for_each_others_losses(
        [ValueSource(nameof(s_venues))] Venue venue, [ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        VenueDay whole = VenueDay.Of(Day(venue, seed));
        VenueDay one = VenueDay.Of(Day(venue, seed) with { Loss = 0.02 });
        VenueDay two = VenueDay.Of(Day(venue, seed) with { Loss = 0.02, Lines = 2 });
        AssertAccounted(whole, one);
        AssertAccounted(whole, two);
        Assert.That(one.Statistics.Lost, Is.GreaterThan(50));
        Assert.That(two.Statistics.Lost, Is.LessThan(one.Statistics.Lost / 4));
    }

    [Test]
    public void Reordered_packets_are_lost_or_made_up_for_and_never_a_restart(
        [ValueSource(nameof(s_venues))] Venue venue, [ValueSource(nameof(SeedsOfDays))] ulong seed, [Values(1, 2)] int lines)
    {
        VenueDay whole = VenueDay.Of(Day(venue, seed));
        VenueDay faulty = VenueDay.Of(Day(venue, seed) with { Lines = lines, Reorder = 0.05 });
        AssertAccounted(whole, faulty);
        Assert.That(faulty.Written.Faults.Reordered, Is.GreaterThan(20));
    }

    [Test]
    public void Every_fault_at_once_is_accounted_for(
        [ValueSource(nameof(s_venues))] Venue venue, [ValueSource(nameof(SeedsOfDays))] ulong seed, [Values(1, 2)] int lines)
    {
        VenueDay whole = VenueDay.Of(Day(venue, seed));
        VenueDay faulty = VenueDay.Of(Day(venue, seed) with
        {
            Lines = lines, Loss = 0.02, Duplicate = 0.02, Reorder = 0.02, DelaySpike = 0.005, Channels = venue == Venue.Xdp ? 2 : 1,
        });
        AssertAccounted(whole, faulty);
    }

    private static SimulationOptions Day(Venue venue, ulong seed) => new() { Seed = seed, Messages = 8_000, Instruments = 5, Venue = venue };

    /// <summary>Every message was decoded or is counted as lost; nothing else is out of the ordinary.</summary>
    private static void AssertAccounted(VenueDay whole, VenueDay faulty)
    {
        Assert.That(whole.Irregularities(), Is.Empty);
        Assert.That(
            faulty.Irregularities("gaps", "lost", "holes", "missing", "recovered", "duplicates", "unmapped_messages", "prices_without_scale", "times_without_reference"), Is.Empty);
        Assert.That(faulty.Statistics.Messages + faulty.Statistics.Lost, Is.EqualTo(faulty.Written.Messages));
        Assert.That(faulty.Statistics.Duplicates, faulty.Statistics.FeedPackets > whole.Statistics.FeedPackets ? Is.Positive : Is.Not.Negative);
    }

    private static ulong Digest(VenueDay day)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 1_000 });
        foreach (MarketEvent original in day.Read.Events)
        {
            MarketEvent e = original;
            books.Apply(ref e);
        }

        books.FoldFullState();
        Assert.That(books.LiveLevels, Is.GreaterThan(100));
        return books.Digest.Value;
    }
}
