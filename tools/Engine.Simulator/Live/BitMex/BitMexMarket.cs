using Engine.Core.Numerics;

namespace Engine.Simulator.Live.BitMex;

/// <summary>The order book of one symbol by level, and a seeded life of it. Every change is told to a journal, in order.</summary>
public sealed class BitMexMarket
{
    /// <summary>Levels of a side at first.</summary>
    public const int OpeningLevels = 25;

    /// <summary>Levels that a side keeps.</summary>
    public const int LevelsMin = 5;

    /// <summary>Most levels of a side.</summary>
    public const int LevelsMax = 200;

    /// <summary>Every ask is above this price, in ticks, and every bid is positive: what falls to it turns there.</summary>
    public const int FloorTicks = 20;

    private const long IdsPerSymbol = 100_000_000;
    private const int SizeMax = 5_000;
    private const int Reach = 40;

    private readonly SortedDictionary<int, long> _bids = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<int, long> _asks = [];
    private readonly SeededRandom _random;
    private readonly long _idBase;

    /// <param name="symbol">The symbol.</param>
    /// <param name="index">Its place among the venue's symbols, from 0; ids of levels follow from it.</param>
    /// <param name="random">Its own draws.</param>
    /// <param name="fundingEvery">Time between fundings; null takes the usual one.</param>
    public BitMexMarket(BitMexSymbol symbol, int index, SeededRandom random, TimeSpan? fundingEvery = null)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(symbol.OpeningTicks, FloorTicks);
        Symbol = symbol;
        Reference = new BitMexReference(symbol, fundingEvery ?? BitMexReference.UsualFundingEvery, new SeededRandom(~random.Seed));
        _random = random;
        _idBase = (index + 1) * IdsPerSymbol;
        LastTicks = symbol.OpeningTicks;
        for (int i = 1; i <= OpeningLevels; i++)
        {
            int bid = symbol.OpeningTicks - i;
            if (bid > 0)
            {
                _bids[bid] = Size();
            }

            _asks[symbol.OpeningTicks + i] = Size();
        }
    }

    /// <summary>The symbol.</summary>
    public BitMexSymbol Symbol { get; }

    /// <summary>What the venue says of it beside the book.</summary>
    public BitMexReference Reference { get; }

    /// <summary>The middle between the best levels, ticks, rounded down.</summary>
    public int MiddleTicks => (Best(true).Ticks + Best(false).Ticks) / 2;

    /// <summary>Price of the last trade, ticks.</summary>
    public int LastTicks { get; private set; }

    /// <summary>Contracts traded.</summary>
    public long Volume { get; private set; }

    /// <summary>The best level of a side, ticks and size.</summary>
    public (int Ticks, long Size) Best(bool isBuy)
    {
        KeyValuePair<int, long> best = Side(isBuy).First();
        return (best.Key, best.Value);
    }

    /// <summary>The levels of a side, best first.</summary>
    public IEnumerable<KeyValuePair<int, long>> Levels(bool isBuy) => Side(isBuy);

    /// <summary>The venue's number of a level: like the real ones it falls as the price rises, and is not to be relied on.</summary>
    public long Id(int ticks) => _idBase - ticks;

    /// <summary>One step of the market: a level appears, changes or goes, or somebody trades.</summary>
    /// <param name="journal">Told every change.</param>
    public void Step(IBitMexJournal journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        bool isBuy = _random.Chance(0.5);
        double draw = _random.NextDouble();
        if (draw < 0.40)
        {
            Resize(isBuy, journal);
        }
        else if (draw < 0.62)
        {
            Insert(isBuy, journal);
        }
        else if (draw < 0.80)
        {
            Delete(isBuy, journal);
        }
        else
        {
            Trade(isBuy, journal);
        }
    }

    /// <summary>Puts a level into a free place near the best of a side.</summary>
    /// <param name="isBuy">The side.</param>
    /// <param name="journal">Told of it.</param>
    /// <returns>Its ticks; null where there was no free place.</returns>
    public int? Insert(bool isBuy, IBitMexJournal journal)
    {
        SortedDictionary<int, long> side = Side(isBuy);
        int limit = Best(!isBuy).Ticks + (isBuy ? -1 : 1);
        int ticks = isBuy ? limit - _random.Next(Reach) : limit + _random.Next(Reach);
        if (side.Count >= LevelsMax || ticks < LeastTicks(isBuy) || side.ContainsKey(ticks))
        {
            return null;
        }

        Insert(isBuy, ticks, journal);
        return ticks;
    }

    /// <summary>Gives a level another size.</summary>
    public void Resize(bool isBuy, int ticks, IBitMexJournal journal)
    {
        long size = Size();
        Side(isBuy)[ticks] = size;
        journal.Updated(this, isBuy, ticks, size);
    }

    /// <summary>Moves the middle by a tick or more: the best level of one side goes, and the other side takes its price.</summary>
    /// <param name="isBuy">The side that takes it.</param>
    /// <param name="gone">Told of the level that goes.</param>
    /// <param name="journal">Told of the level that comes. None goes or comes where the price has reached the floor.</param>
    public void Push(bool isBuy, IBitMexJournal gone, IBitMexJournal journal)
    {
        int ticks = Best(!isBuy).Ticks;
        if (ticks < LeastTicks(isBuy))
        {
            return;
        }

        Remove(!isBuy, ticks, gone);
        Refill(!isBuy, gone);
        Insert(isBuy, ticks, journal);
    }

    private void Insert(bool isBuy, int ticks, IBitMexJournal journal)
    {
        long size = Size();
        Side(isBuy)[ticks] = size;
        journal.Inserted(this, isBuy, ticks, size);
    }

    private void Resize(bool isBuy, IBitMexJournal journal) => Resize(isBuy, Pick(isBuy), journal);

    private void Delete(bool isBuy, IBitMexJournal journal)
    {
        Remove(isBuy, Pick(isBuy), journal);
        Refill(isBuy, journal);
    }

    /// <summary>Somebody takes some or all of the best level of the other side.</summary>
    private void Trade(bool isBuy, IBitMexJournal journal)
    {
        (int ticks, long there) = Best(!isBuy);
        long size = Math.Min(there, Size());
        journal.Traded(this, isBuy, ticks, size, Math.Sign(ticks - LastTicks), _random.NextUInt64(), _random.NextUInt64());
        LastTicks = ticks;
        Volume += size;
        if (size == there)
        {
            Remove(!isBuy, ticks, journal);
            Refill(!isBuy, journal);
        }
        else
        {
            Side(!isBuy)[ticks] = there - size;
            journal.Updated(this, !isBuy, ticks, there - size);
        }
    }

    private void Remove(bool isBuy, int ticks, IBitMexJournal journal)
    {
        Side(isBuy).Remove(ticks);
        journal.Deleted(this, isBuy, ticks);
    }

    /// <summary>Keeps the least number of levels, by one behind the last. Bids that reach down to the least price fill their lowest gap:
    /// there is one far below every ask, since bids are few.</summary>
    private void Refill(bool isBuy, IBitMexJournal journal)
    {
        SortedDictionary<int, long> side = Side(isBuy);
        while (side.Count < LevelsMin)
        {
            int last = side.Last().Key;
            int ticks = Math.Max(isBuy ? last - 1 : last + 1, LeastTicks(isBuy));
            while (side.ContainsKey(ticks))
            {
                ticks++;
            }

            Insert(isBuy, ticks, journal);
        }
    }

    private static int LeastTicks(bool isBuy) => isBuy ? 1 : FloorTicks + 1;

    /// <summary>A level near the best.</summary>
    private int Pick(bool isBuy)
    {
        SortedDictionary<int, long> side = Side(isBuy);
        return side.ElementAt(_random.Next(Math.Min(side.Count, OpeningLevels))).Key;
    }

    private SortedDictionary<int, long> Side(bool isBuy) => isBuy ? _bids : _asks;

    private long Size() => 1 + _random.Next(SizeMax);
}
