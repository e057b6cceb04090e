using Engine.Core.Numerics;
using Engine.Simulator.Live.BitMex;
using Engine.TestKit;

namespace Engine.Simulator.Tests.Live.BitMex;

public class BitMexMarketTests
{
    private static IEnumerable<ulong> RandomSeeds() => Seeds.Take(4);

    /// <summary>A market pressed down for ever, and one left to itself just above the floor: the first comes to it, and neither goes through.</summary>
    [TestCaseSource(nameof(RandomSeeds))]
    public void A_cheap_symbol_turns_at_the_floor(ulong seed)
    {
        foreach (bool isPressed in (bool[])[false, true])
        {
            BitMexMarket market = new(new BitMexSymbol("CHEAP", 0.000000001m, BitMexMarket.FloorTicks + 15), 0, new SeededRandom(seed));
            int lowestAsk = int.MaxValue, lowestBid = int.MaxValue;
            for (int i = 0; i < 60_000; i++)
            {
                market.Step(LostJournal.Instance);
                if (isPressed && i % 20 == 0)
                {
                    market.Push(false, LostJournal.Instance, LostJournal.Instance);
                }

                lowestAsk = Math.Min(lowestAsk, market.Best(false).Ticks);
                lowestBid = Math.Min(lowestBid, market.Levels(true).Last().Key);
                if (market.Best(true).Ticks >= market.Best(false).Ticks || market.Levels(true).Count() < BitMexMarket.LevelsMin)
                {
                    Assert.Fail($"seed {seed}, step {i}: {market.Best(true)} against {market.Best(false)}, {market.Levels(true).Count()} bids");
                }
            }

            Assert.That(lowestAsk, isPressed ? Is.EqualTo(BitMexMarket.FloorTicks + 1) : Is.GreaterThan(BitMexMarket.FloorTicks), $"seed {seed}, pressed {isPressed}");
            Assert.That(lowestBid, isPressed ? Is.EqualTo(1) : Is.Positive, $"seed {seed}, pressed {isPressed}");
            Assert.That(market.LastTicks, Is.Positive, $"seed {seed}");
        }
    }

    [Test]
    public void A_symbol_below_the_floor_is_refused() => Assert.That(
        () => new BitMexMarket(new BitMexSymbol("LOW", 1, BitMexMarket.FloorTicks - 1), 0, new SeededRandom(1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
