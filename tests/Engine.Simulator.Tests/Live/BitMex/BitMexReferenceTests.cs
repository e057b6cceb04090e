using Engine.Core.Numerics;
using Engine.Simulator.Live.BitMex;
using Engine.TestKit;

namespace Engine.Simulator.Tests.Live.BitMex;

public class BitMexReferenceTests
{
    private const long Hour = 3_600_000_000_000;
    private const long Midnight = 19_675 * 24 * Hour;

    private static IEnumerable<ulong> RandomSeeds() => Seeds.Take(4);

    [TestCaseSource(nameof(RandomSeeds))]
    public void Prices_walk_about_the_middle_and_a_step_tells_what_it_changed(ulong seed)
    {
        BitMexReference reference = Make(BitMexSymbol.Usual[0], seed);
        int middle = 120_000;
        SeededRandom random = new(seed + 1);
        BitMexColumns seen = BitMexColumns.None;
        for (int i = 0; i < 5_000; i++)
        {
            middle += random.Next(-1, 2);
            (int, int, int, int) before = (reference.IndexTicks, reference.MarkTicks, reference.IndicativeMicros, reference.RateMicros);
            BitMexColumns changed = reference.Step(middle);
            (int, int, int, int) after = (changed.HasFlag(BitMexColumns.Index) ? before.Item1 : reference.IndexTicks,
                changed.HasFlag(BitMexColumns.Mark) ? before.Item2 : reference.MarkTicks,
                changed.HasFlag(BitMexColumns.IndicativeRate) ? before.Item3 : reference.IndicativeMicros, reference.RateMicros);
            Assert.That(after, Is.EqualTo(before), $"seed {seed}, step {i}: {changed}");
            Assert.That(Math.Max(Math.Abs(reference.IndexTicks - middle), Math.Abs(reference.MarkTicks - middle)), Is.LessThan(60), $"seed {seed}, step {i}");
            Assert.That(Math.Abs(reference.IndicativeMicros), Is.AtMost(BitMexReference.RateMaxMicros), $"seed {seed}, step {i}");
            seen |= changed;
        }

        Assert.That(seen, Is.EqualTo(BitMexColumns.Index | BitMexColumns.Mark | BitMexColumns.IndicativeRate), $"seed {seed}");
    }

    [TestCase(0, 4)]
    [TestCase(3.999, 4)]
    [TestCase(4, 12)]
    [TestCase(13, 20)]
    [TestCase(20.5, 28)]
    public void A_funding_is_every_eight_hours_from_four(double now, int next)
    {
        BitMexReference reference = Make(BitMexSymbol.Usual[0], 1);
        reference.Begin(Midnight + (long)(now * Hour));
        Assert.That(reference.FundingTime, Is.EqualTo(Midnight + (next * Hour)));
        Assert.That(reference.Fund(reference.FundingTime - 1), Is.False);
        Assert.That(reference.Fund(reference.FundingTime), Is.True);
        Assert.That(reference.FundingTime, Is.EqualTo(Midnight + ((next + 8) * Hour)));
    }

    [Test]
    public void What_was_indicative_comes_into_force_when_the_one_before_is_paid()
    {
        BitMexReference reference = Make(BitMexSymbol.Usual[1], 3);
        reference.Begin(Midnight);
        while (reference.IndicativeMicros == reference.RateMicros)
        {
            reference.Step(60_000);
        }

        int indicative = reference.IndicativeMicros;
        Assert.That(reference.Fund(Midnight + (4 * Hour)), Is.True);
        Assert.That(reference.RateMicros, Is.EqualTo(indicative));
    }

    [Test]
    public void A_symbol_without_funding_pays_none()
    {
        BitMexReference reference = Make(BitMexSymbol.Usual[2], 3);
        Assert.That(reference.Fund(Midnight), Is.False);
        Assert.That(reference.Fund(Midnight + (100 * Hour)), Is.False);
        Assert.That(Enumerable.Range(0, 200).Aggregate(BitMexColumns.None, (all, _) => all | reference.Step(700)),
            Is.EqualTo(BitMexColumns.Index | BitMexColumns.Mark));
    }

    [TestCase(100, "0.0001")]
    [TestCase(-12, "-0.000012")]
    [TestCase(0, "0")]
    [TestCase(-3_750, "-0.00375")]
    public void Rates_are_written_shortest(int micros, string text) => Assert.That(BitMexReference.Rate(micros), Is.EqualTo(text));

    [Test]
    public void Less_than_a_millisecond_between_fundings_is_refused() => Assert.That(
        () => new BitMexReference(BitMexSymbol.Usual[0], TimeSpan.FromMicroseconds(999), new SeededRandom(1)), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static BitMexReference Make(BitMexSymbol symbol, ulong seed) => new(symbol, BitMexReference.UsualFundingEvery, new SeededRandom(seed));
}
