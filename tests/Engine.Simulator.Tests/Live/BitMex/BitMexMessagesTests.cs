using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Core.Time;
using Engine.Simulator.Live.BitMex;
using Engine.TestKit;

namespace Engine.Simulator.Tests.Live.BitMex;

public class BitMexMessagesTests
{
    private static IEnumerable<ulong> RandomSeeds() => Seeds.Take(6);

    [TestCaseSource(nameof(RandomSeeds))]
    public void The_messages_rebuild_the_book_and_name_only_levels_that_exist(ulong seed)
    {
        foreach (BitMexSymbol symbol in BitMexSymbol.Usual)
        {
            BitMexMarket market = new(symbol, 1, new SeededRandom(seed));
            BitMexMessages messages = new(new ReplayClock(1_700_000_000_123_456_789), seed % 2 == 0);
            SortedDictionary<long, (string Side, string Price, long Size)> levels = [];
            Apply(messages.Partial("orderBookL2", market), levels, $"seed {seed}");
            HashSet<string> seen = [];
            for (int i = 0; i < 3_000; i++)
            {
                market.Step(messages);
                foreach (BitMexMessage message in messages.Take())
                {
                    seen.Add(message.Topic);
                    if (message.Topic == $"orderBookL2:{symbol.Name}")
                    {
                        Apply(message.Text, levels, $"seed {seed}, step {i}");
                    }
                }

                Assert.That(market.Best(true).Ticks, Is.LessThan(market.Best(false).Ticks), $"seed {seed}, step {i}");
            }

            Assert.That(seen, Is.EquivalentTo(new[] { $"orderBookL2:{symbol.Name}", $"trade:{symbol.Name}" }));
            Assert.That(Side(levels, "Buy"), Is.EquivalentTo(Expected(market, true)), $"seed {seed}");
            Assert.That(Side(levels, "Sell"), Is.EquivalentTo(Expected(market, false)), $"seed {seed}");
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_messages()
    {
        string first = Run(5);
        Assert.That(Run(5), Is.EqualTo(first));
        Assert.That(Run(5), Is.Not.EqualTo(Run(6)));
    }

    [TestCase("XBTUSD", 120_001, "60000.5")]
    [TestCase("ETHUSD", 60_000, "3000")]
    [TestCase("SHIBXBT", 703, "7.03e-7")]
    [TestCase("SHIBXBT", 9, "9e-9")]
    [TestCase("SHIBXBT", 1_000, "0.000001")]
    public void Prices_are_written_shortest_and_small_ones_with_an_exponent(string name, int ticks, string text)
    {
        BitMexSymbol symbol = BitMexSymbol.Usual.Single(s => s.Name == name);
        Assert.That(symbol.Price(ticks), Is.EqualTo(text));
        Assert.That(decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), Is.EqualTo(ticks * symbol.TickSize));
    }

    [Test]
    public void Every_table_is_json_with_its_name_and_rows()
    {
        BitMexMarket market = new(BitMexSymbol.Usual[2], 0, new SeededRandom(9));
        BitMexMessages messages = new(new ReplayClock(1_700_000_000_123_456_789), true);
        foreach (string table in BitMexMessages.Tables)
        {
            using JsonDocument json = JsonDocument.Parse(messages.Partial(table, market));
            Assert.That(json.RootElement.GetProperty("table").GetString(), Is.EqualTo(table));
            Assert.That(json.RootElement.GetProperty("data").GetArrayLength(), Is.EqualTo(table switch
            {
                "trade" => 0,
                "orderBookL2" => 2 * BitMexMarket.OpeningLevels,
                _ => 1,
            }));
        }

        messages.Quote(market);
        messages.Trades(market);
        messages.Reference(market, BitMexColumns.Mark);
        messages.Reference(market, BitMexColumns.Index | BitMexColumns.IndicativeRate);
        messages.Reference(market, BitMexColumns.Funding);
        string[] rows = [.. messages.Take().Select(message => Encoding.UTF8.GetString(message.Text))];
        Assert.That(rows[0], Does.Contain("\"timestamp\":\"2023-11-14T22:13:20.123Z\"").And.Contain("\"bidPrice\":6.99e-7"));
        Assert.That(rows[1], Does.Contain("\"lastPrice\":7e-7").And.Not.Contain("markPrice"));
        Assert.That(rows[2], Does.Contain("\"markPrice\":7e-7").And.Not.Contain("lastPrice"));
        Assert.That(rows[3], Does.Contain("{\"symbol\":\"SHIBXBT\",\"indicativeFundingRate\":0.0001,\"indicativeSettlePrice\":7e-7,\"timestamp\""));
        Assert.That(rows[4], Does.Contain("\"fundingTimestamp\":\"2023-11-15T04:00:00.000Z\",\"fundingRate\":0.0001,").And.Not.Contain("markPrice"));
    }

    private static string Run(ulong seed)
    {
        BitMexMarket market = new(BitMexSymbol.Usual[0], 0, new SeededRandom(seed));
        BitMexMessages messages = new(new ReplayClock(), true);
        for (int i = 0; i < 500; i++)
        {
            market.Step(messages);
        }

        return string.Join('\n', messages.Take().Select(message => Encoding.UTF8.GetString(message.Text)));
    }

    private static void Apply(byte[] text, SortedDictionary<long, (string Side, string Price, long Size)> levels, string where)
    {
        using JsonDocument json = JsonDocument.Parse(text);
        string action = json.RootElement.GetProperty("action").GetString()!;
        foreach (JsonElement row in json.RootElement.GetProperty("data").EnumerateArray())
        {
            long id = row.GetProperty("id").GetInt64();
            string side = row.GetProperty("side").GetString()!;
            bool isKnown = levels.TryGetValue(id, out (string Side, string Price, long Size) level);
            Assert.That(isKnown, Is.EqualTo(action is "update" or "delete"), where);
            if (action == "delete")
            {
                levels.Remove(id);
                continue;
            }

            string price = isKnown ? level.Price : row.GetProperty("price").GetRawText();
            Assert.That(!isKnown || level.Side == side, Is.True, where);
            levels[id] = (side, price, row.GetProperty("size").GetInt64());
        }
    }

    private static IEnumerable<(string Price, long Size)> Side(SortedDictionary<long, (string Side, string Price, long Size)> levels, string side) =>
        levels.Values.Where(level => level.Side == side).Select(level => (level.Price, level.Size));

    private static IEnumerable<(string Price, long Size)> Expected(BitMexMarket market, bool isBuy) =>
        market.Levels(isBuy).Select(level => (market.Symbol.Price(level.Key), level.Value));
}
