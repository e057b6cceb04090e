using System.Text;
using System.Text.Json;
using Engine.Feeds.BitMex.Live;

namespace Engine.Feeds.Tests.BitMex.Live;

public class BitMexRequestsTests
{
    private static readonly BitMexLiveOptions s_options = new()
    {
        Symbols = [.. Enumerable.Range(0, 37).Select(i => $"SYM{i * 7 % 37}")], TopicsPerRequest = 10, ResubscribeEvery = TimeSpan.FromTicks(10_000),
    };

    [Test]
    public void Every_topic_is_asked_for_once_in_bounded_groups()
    {
        string[][] groups = [.. new BitMexRequests(s_options).Subscriptions.Select(request => Topics(request, "subscribe"))];
        Assert.That(groups.Select(group => group.Length), Is.All.InRange(1, 10));
        Assert.That(groups.SelectMany(group => group), Is.EquivalentTo(
            from table in new[] { "orderBookL2", "quote", "trade", "instrument" } from symbol in s_options.Symbols select $"{table}:{symbol}"));
    }

    [Test]
    public void Every_symbol_can_be_wanted_again_and_is_taken_once()
    {
        BitMexRequests requests = new(s_options);
        foreach (string symbol in s_options.Symbols.Concat(s_options.Symbols))
        {
            Assert.That(requests.Want(Encoding.UTF8.GetBytes(symbol)), Is.True);
        }

        List<string> taken = [];
        while (requests.TryTake(1_000_000_000, out byte[] unsubscribe, out byte[] subscribe))
        {
            taken.AddRange(Topics(subscribe, "subscribe"));
            Assert.That(Topics(unsubscribe, "unsubscribe"), Is.EqualTo(new[] { taken[^1] }));
        }

        Assert.That(taken, Is.EquivalentTo(s_options.Symbols.Select(symbol => $"orderBookL2:{symbol}")));
        Assert.That(requests.AnyWanted, Is.False);
    }

    [Test]
    public void A_symbol_waits_its_time_before_it_is_asked_for_again()
    {
        BitMexRequests requests = new(s_options);
        Assert.That(Want(requests, 5_000_000), Is.True);
        Assert.That(Want(requests, 5_999_999), Is.False);
        Assert.That(requests.AnyWanted, Is.True);
        Assert.That(Want(requests, 6_000_000), Is.True);
    }

    [TestCase("")]
    [TestCase("SYM")]
    [TestCase("SYM37")]
    [TestCase("ZZZ")]
    public void A_symbol_of_another_session_is_refused_and_counted(string symbol)
    {
        BitMexRequests requests = new(s_options);
        Assert.That(requests.Want(Encoding.UTF8.GetBytes(symbol)), Is.False);
        Assert.That(requests.UnknownSymbols, Is.EqualTo(1));
        Assert.That(requests.TryTake(long.MaxValue / 2, out _, out _), Is.False);
    }

    [Test]
    public void What_is_wanted_goes_with_a_connections_first_subscriptions()
    {
        BitMexRequests requests = new(s_options);
        requests.Want("SYM3"u8);
        requests.TakeAll();
        Assert.That(requests.TryTake(1_000_000_000, out _, out _), Is.False);
    }

    private static bool Want(BitMexRequests requests, long now)
    {
        requests.Want("SYM1"u8);
        return requests.TryTake(now, out _, out _);
    }

    private static string[] Topics(byte[] request, string op)
    {
        using JsonDocument json = JsonDocument.Parse(request);
        Assert.That(json.RootElement.GetProperty("op").GetString(), Is.EqualTo(op));
        return [.. json.RootElement.GetProperty("args").EnumerateArray().Select(topic => topic.GetString()!)];
    }
}
