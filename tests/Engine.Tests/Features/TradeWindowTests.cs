using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.TestKit;

namespace Engine.Tests.Features;

/// <summary>Window sums against lists of trades, at the edges of the windows and of the pool.</summary>
public sealed class TradeWindowTests
{
    private static readonly long[] s_lengths = [10, 25, 100];

    [Test]
    public void A_trade_leaves_exactly_at_the_edge()
    {
        using var windows = new TradeWindows([10, 20], Limits(2, 64));
        windows.Add(0, 1_000, true, 5);
        windows.Add(0, 1_000, false, 7);
        Assert.Multiple(() =>
        {
            Assert.That(At(windows, 0, 1_000), Is.EqualTo("5/7/1/1 5/7/1/1"));
            Assert.That(At(windows, 0, 1_009), Is.EqualTo("5/7/1/1 5/7/1/1"), "t − w < trade");
            Assert.That(At(windows, 0, 1_010), Is.EqualTo("0/0/0/0 5/7/1/1"), "trade = t − w is outside");
            Assert.That(At(windows, 0, 1_019), Is.EqualTo("0/0/0/0 5/7/1/1"));
            Assert.That(At(windows, 0, 1_020), Is.EqualTo("0/0/0/0 0/0/0/0"));
            Assert.That(At(windows, 1, 1_000), Is.EqualTo("0/0/0/0 0/0/0/0"), "another instrument");
        });
    }

    [Test]
    public void Random_trades_of_many_instruments_agree_with_lists()
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            var random = new SeededRandom(seed);
            using var windows = new TradeWindows(s_lengths, Limits(40, 1 << 14));
            List<(long Time, bool Buy, long Quantity)>[] lists = [.. Enumerable.Range(0, 40).Select(_ => new List<(long, bool, long)>())];
            long[] times = new long[40];
            for (int step = 0; step < 30_000; step++)
            {
                // A few instruments trade so often that they fill several chunks within the longest window.
                int instrument = random.Chance(0.6) ? random.Next(3) : random.Next(40);
                times[instrument] += random.Chance(0.5) ? 0 : random.Next(instrument < 3 ? 3 : 40);
                long time = times[instrument];
                if (random.Chance(0.8))
                {
                    (long, bool Buy, long Quantity) trade = (time, random.Chance(0.5), random.Next(1, 1_000_000));
                    lists[instrument].Add(trade);
                    windows.Add(instrument, time, trade.Buy, trade.Quantity);
                }

                lists[instrument].RemoveAll(t => t.Time <= time - s_lengths[^1]);
                if (At(windows, instrument, time) is string sums && sums != Naive(lists[instrument], time))
                {
                    Assert.Fail($"seed {seed}, step {step}: {sums}, expected {Naive(lists[instrument], time)}");
                }
            }

            Assert.That(windows.EvictedTrades, Is.Zero, $"seed {seed}");
        }
    }

    /// <summary>A pool far too small: what remains are an instrument's newest trades, every other trade is counted as evicted.</summary>
    [Test]
    public void A_full_pool_drops_the_oldest_and_keeps_the_sums_of_the_rest()
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            const int Instruments = 6;
            var random = new SeededRandom(seed);
            using var windows = new TradeWindows([50, 1_000_000], Limits(Instruments, 5 * 64));
            List<(long Time, bool Buy, long Quantity)>[] lists = [.. Enumerable.Range(0, Instruments).Select(_ => new List<(long, bool, long)>())];
            long entered = 0;
            for (int time = 0; time < 6_000; time++)
            {
                int instrument = random.Chance(0.7) ? 0 : random.Next(Instruments);
                (long Time, bool Buy, long Quantity) trade = (time, random.Chance(0.5), random.Next(1, 100));
                lists[instrument].Add(trade);
                windows.Add(instrument, time, trade.Buy, trade.Quantity);
                entered++;
                long remaining = 0;
                for (int i = 0; i < Instruments; i++)
                {
                    windows.Advance(i, time);
                    int count = (int)(windows.Sum(i, 1).BuyCount + windows.Sum(i, 1).SellCount);
                    remaining += count;
                    var rest = lists[i].TakeLast(count).ToList();
                    Assert.That(Text(windows, i), Is.EqualTo($"{Naive(rest, time, 50)} {Naive(rest, time, 1_000_000)}"), $"seed {seed}, time {time}, instrument {i}");
                }

                Assert.That(windows.EvictedTrades, Is.EqualTo(entered - remaining), $"seed {seed}, time {time}");
            }

            Assert.That(windows.EvictedTrades, Is.Positive, $"seed {seed}");
        }
    }

    /// <summary>Rows look at the sums whenever they like: what finds room, and what is evicted, depends on the trades alone.</summary>
    [Test]
    public void What_rows_look_at_decides_nothing()
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            const int Instruments = 6;
            var random = new SeededRandom(seed);
            using var seen = new TradeWindows([50, 300], Limits(Instruments, 5 * 64));
            using var unseen = new TradeWindows([50, 300], Limits(Instruments, 5 * 64));
            for (int time = 0; time < 6_000; time++)
            {
                // One instrument after the other trades, and is silent for long.
                int instrument = random.Chance(0.95) ? time / 500 % Instruments : random.Next(Instruments);
                bool buy = random.Chance(0.5);
                long quantity = random.Next(1, 100);
                seen.Advance(random.Next(Instruments), time);
                seen.Add(instrument, time, buy, quantity);
                unseen.Add(instrument, time, buy, quantity);
                Assert.That(At(seen, instrument, time), Is.EqualTo(At(unseen, instrument, time)), $"seed {seed}, time {time}");
                Assert.That(seen.EvictedTrades, Is.EqualTo(unseen.EvictedTrades), $"seed {seed}, time {time}");
            }

            Assert.That(seen.EvictedTrades, Is.Positive, $"seed {seed}");
        }
    }

    [Test]
    public void An_instrument_with_one_full_chunk_takes_its_newest_trades()
    {
        using var windows = new TradeWindows([1_000], Limits(1, 64));
        for (int i = 0; i < 65; i++)
        {
            windows.Add(0, i, true, 1 + i);
        }

        Assert.That(At(windows, 0, 65), Is.EqualTo("65/0/1/0"), "the 65th trade drops the chunk before it");
        Assert.That(windows.EvictedTrades, Is.EqualTo(64));
    }

    [Test]
    public void Chunks_are_used_again_and_again()
    {
        using var windows = new TradeWindows([100], Limits(2, 4 * 64));
        for (long time = 0; time < 200_000; time++)
        {
            windows.Add((int)(time & 1), time, true, 1);
        }

        windows.Advance(1, 199_999);
        windows.Advance(0, 199_999);
        Assert.That(windows.EvictedTrades, Is.Zero);
        Assert.That(windows.Sum(0, 0).BuyCount + windows.Sum(1, 0).BuyCount, Is.EqualTo(100));
    }

    [Test]
    public void Lengths_must_grow() =>
        Assert.That(() => new TradeWindows([10, 10], Limits(1, 64)), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static EngineLimits Limits(int instruments, int trades) => new() { Instruments = instruments, WindowTrades = trades };

    private static string At(TradeWindows windows, int instrument, long time)
    {
        windows.Advance(instrument, time);
        return Text(windows, instrument);
    }

    private static string Text(TradeWindows windows, int instrument) =>
        string.Join(' ', Enumerable.Range(0, windows.LengthsNanos.Length).Select(w => windows.Sum(instrument, w)).Select(s => $"{s.BuyVolume}/{s.SellVolume}/{s.BuyCount}/{s.SellCount}"));

    private static string Naive(List<(long Time, bool Buy, long Quantity)> trades, long time) =>
        string.Join(' ', s_lengths.Select(w => Naive(trades, time, w)));

    private static string Naive(List<(long Time, bool Buy, long Quantity)> trades, long time, long length)
    {
        var buys = trades.Where(t => t.Buy && t.Time > time - length).ToList();
        var sells = trades.Where(t => !t.Buy && t.Time > time - length).ToList();
        return $"{buys.Sum(t => t.Quantity)}/{sells.Sum(t => t.Quantity)}/{buys.Count}/{sells.Count}";
    }
}
