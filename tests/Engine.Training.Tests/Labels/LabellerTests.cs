using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.TestKit.Labels;
using Engine.Training.Datasets;
using Engine.Training.Labels;

namespace Engine.Training.Tests.Labels;

public class LabellerTests
{
    private const long Absent = DatasetFormat.Absent;

    /// <summary>Mid-prices 100, 101, 99, 103, 98 at times 10, 20, …, 50; the data ends at 60.</summary>
    private static readonly NaiveQuote[] s_plain =
    [
        new(10, 3, 99, 101, true), new(20, 3, 100, 102, true), new(30, 3, 98, 100, true), new(40, 3, 102, 104, true), new(50, 3, 97, 99, true),
    ];

    [TestCase("return", 25, 0.03f, 45, TestName = "A_return_is_that_of_the_price_in_force_at_the_end")]
    [TestCase("return", 10, -0.01f, 30, TestName = "An_entry_at_the_very_end_counts")]
    [TestCase("return", 9, 0.01f, 29, TestName = "An_entry_behind_the_end_does_not_count")]
    [TestCase("max_up", 25, 0.03f, 45)]
    [TestCase("max_down", 25, -0.01f, 45)]
    [TestCase("max_abs", 35, 0.03f, 55)]
    [TestCase("direction", 25, 1f, 45)]
    [TestCase("direction", 18, 0f, 38, TestName = "A_return_of_the_dead_zone_is_no_direction")]
    [TestCase("move", 25, 1f, 45, TestName = "A_move_is_a_direction")]
    [TestCase("move", 30, -1f, 50)]
    [TestCase("triple_barrier", 40, -1f, 30, TestName = "The_barrier_that_is_met_first_ends_the_span")]
    public void By_hand(string kind, long nanos, float expected, long end)
    {
        // The row saw 100 at time 20, when the tape had only the entry of time 10: behind it come 101 at 20, 99, 103 and 98.
        LabelKind parsed = Parse(kind);
        var definition = new LabelDefinition
        {
            Kind = parsed,
            Horizon = new LabelHorizon(nanos, 0),
            DeadZone = parsed is LabelKind.Direction or LabelKind.Move ? 0.01 : 0,
            Up = parsed == LabelKind.TripleBarrier ? 0.02 : 0,
            Down = parsed == LabelKind.TripleBarrier ? 0.01 : 0,
        };
        LabelValue label = Label(definition, s_plain, 60, 3, new LabelledRow(20, 99, 101, 1, 0));
        Assert.That((label.Value, label.End, label.Missing), Is.EqualTo((expected, end, MissingCause.None)));
    }

    [Test]
    public void What_comes_before_the_row_on_the_tape_is_not_its_future()
    {
        NaiveQuote[] tape = [new(20, 1, 199, 201, true), new(20, 1, 99, 101, true)];
        var definition = new LabelDefinition { Kind = LabelKind.MaxAbs, Horizon = new LabelHorizon(10, 0) };
        Assert.That(Label(definition, tape, 40, 1, new LabelledRow(20, 99, 101, 2, 0)).Value, Is.Zero);
        Assert.That(Label(definition, tape, 40, 1, new LabelledRow(20, 199, 201, 1, 0)).Value, Is.EqualTo(0.5f), "told in the same instant, but behind the row");
    }

    [Test]
    public void An_instrument_without_entries_stays_where_it_was()
    {
        var definition = new LabelDefinition { Kind = LabelKind.Return, Horizon = new LabelHorizon(10, 0) };
        LabelValue label = Label(definition, s_plain, 60, 7, new LabelledRow(20, 99, 101, 1, 0));
        Assert.That((label.Value, label.Missing), Is.EqualTo((0f, MissingCause.None)));
    }

    [TestCase(18, 38, TestName = "A_return_of_the_dead_zone_is_no_move")]
    [TestCase(9, 29, TestName = "Nor_is_one_of_it_upwards")]
    public void A_row_whose_price_does_not_move_has_no_move(long nanos, long end)
    {
        var definition = new LabelDefinition { Kind = LabelKind.Move, Horizon = new LabelHorizon(nanos, 0), DeadZone = 0.01 };
        LabelValue label = Label(definition, s_plain, 60, 3, new LabelledRow(20, 99, 101, 1, 0));
        Assert.That((float.IsNaN(label.Value), label.End, label.Missing), Is.EqualTo((true, end, MissingCause.NoMove)));
    }

    [TestCase(Absent, 101, 0, MissingCause.OwnPrice)]
    [TestCase(-101, 101, 0, MissingCause.OwnPrice, TestName = "A_mid_price_of_0_has_no_return")]
    [TestCase(long.MaxValue, long.MaxValue, 0, MissingCause.OwnPrice, TestName = "Prices_whose_sum_has_no_room_are_none")]
    [TestCase(99, 101, 1, MissingCause.OwnBook)]
    [TestCase(99, 101, 2, MissingCause.OwnBook)]
    public void A_row_that_saw_no_price_has_no_label(long bid, long ask, int trust, MissingCause expected)
    {
        var definition = new LabelDefinition { Kind = LabelKind.Return, Horizon = new LabelHorizon(10, 0) };
        LabelValue label = Label(definition, s_plain, 60, 3, new LabelledRow(20, bid, ask, 1, (byte)trust));
        Assert.That((float.IsNaN(label.Value), label.Missing), Is.EqualTo((true, expected)));
    }

    [Test]
    public void Agrees_with_looking_at_every_entry([ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        var random = new SeededRandom(seed);
        var missing = new HashSet<string>();
        for (int run = 0; run < 40; run++)
        {
            (NaiveQuote[] quotes, long end) = RandomTape(random, random.Next(1, 700));
            // Each instrument is told of up to a time of its own, at or behind its last entry.
            long[] ends = [.. Enumerable.Range(0, 3).Select(i => quotes.LastOrDefault(q => q.Instrument == i)?.Time ?? 1_000).Select(last => last + random.Next((int)(end - last) + 1))];
            QuoteTape tape = Tape(quotes, end, ends);
            foreach (string kind in LabelNames.Kinds)
            {
                LabelDefinition definition = RandomDefinition(random, Parse(kind), end);
                Assert.That(definition.Fault(), Is.Null);
                var labeller = new Labeller(definition, tape);
                for (int i = 0; i < 60; i++)
                {
                    NaiveRow row = RandomRow(random, quotes);
                    NaiveLabel expected = NaiveLabels.Of(
                        kind, quotes, row, definition.Horizon.Nanos, definition.Horizon.Events, kind is "direction" or "move" ? definition.DeadZone : definition.Up, definition.Down, ends[row.Quote.Instrument]);
                    LabelValue actual = labeller.Of(row.Quote.Instrument, new LabelledRow(
                        row.Quote.Time, row.Quote.Bid ?? Absent, row.Quote.Ask ?? Absent, row.Place, row.Quote.IsGood ? (byte)0 : (byte)2));
                    string cause = actual.Missing == MissingCause.None ? "" : LabelNames.Of(actual.Missing);
                    Assert.That(
                        (BitConverter.SingleToInt32Bits(actual.Value), actual.End, cause), Is.EqualTo((BitConverter.SingleToInt32Bits(expected.Value), expected.End, expected.Missing)),
                        $"seed {seed}, run {run}, {definition.CanonicalJson}, {row}");
                    missing.Add(cause);
                }
            }
        }

        Assert.That(missing, Has.Count.EqualTo(Enum.GetValues<MissingCause>().Length - 1), "every cause was met but that of given labels");
    }

    private static IEnumerable<ulong> SomeSeeds() => Seeds.Take(5);

    private static LabelKind Parse(string kind) => LabelNames.TryParse(kind, out LabelKind parsed) ? parsed : throw new ArgumentException(kind);

    private static LabelValue Label(LabelDefinition definition, NaiveQuote[] quotes, long end, int instrument, in LabelledRow row) =>
        new Labeller(definition, Tape(quotes, end)).Of(instrument, row);

    private static QuoteTape Tape(NaiveQuote[] quotes, long end, long[]? ends = null) => new(
        [.. quotes.Select(q => q.Time)], [.. quotes.Select(q => q.Instrument)], [.. quotes.Select(q => q.Bid ?? Absent)], [.. quotes.Select(q => q.Ask ?? Absent)],
        [.. quotes.Select(q => q.IsGood ? (byte)0 : (byte)1)], end, ends);

    /// <summary>A walk of few prices, so that barriers and dead zones are met exactly; times stand still now and then.</summary>
    private static (NaiveQuote[] Quotes, long End) RandomTape(SeededRandom random, int count)
    {
        var quotes = new NaiveQuote[count];
        long time = 1_000;
        long price = 1_000;
        double rare = random.Chance(0.5) ? 0.002 : 0.05;
        for (int i = 0; i < count; i++)
        {
            time += random.Next(4);
            price += random.Next(-3, 4);
            quotes[i] = new NaiveQuote(
                time, random.Next(3), random.Chance(rare) ? null : price - random.Next(3), random.Chance(rare) ? null : price + random.Next(3), !random.Chance(rare));
        }

        return (quotes, time + random.Next(20));
    }

    private static LabelDefinition RandomDefinition(SeededRandom random, LabelKind kind, long end) => new()
    {
        Kind = kind,
        Horizon = random.Chance(0.5) ? new LabelHorizon(random.Next(1, (int)(end - 900)), 0) : new LabelHorizon(0, random.Next(1, 60)),
        DeadZone = kind is LabelKind.Direction or LabelKind.Move ? random.Next(5) / 1_000.0 : 0,
        Up = kind == LabelKind.TripleBarrier ? random.Next(1, 30) / 1_000.0 : 0,
        Down = kind == LabelKind.TripleBarrier ? random.Next(1, 30) / 1_000.0 : 0,
    };

    private static NaiveRow RandomRow(SeededRandom random, NaiveQuote[] quotes)
    {
        int place = random.Next(quotes.Length + 1);
        NaiveQuote near = quotes[Math.Max(0, place - 1)];
        return new NaiveRow(random.Chance(0.1) ? near : near with { Bid = near.Bid ?? 1_000, Ask = near.Ask ?? 1_001, IsGood = true, Time = near.Time + random.Next(2) }, place);
    }
}
