using System.Globalization;
using Engine.Core.Numerics;

namespace Engine.Simulator.Live.BitMex;

/// <summary>Columns of the instrument table that changed.</summary>
[Flags]
public enum BitMexColumns
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The index price.</summary>
    Index = 1,

    /// <summary>The mark price.</summary>
    Mark = 2,

    /// <summary>The rate of the funding after the next, as it stands.</summary>
    IndicativeRate = 4,

    /// <summary>The rate and time of the next funding.</summary>
    Funding = 8,
}

/// <summary>
/// What the venue says of a symbol beside its book, and a seeded life of it: an index that walks about the book's middle, a mark price
/// that follows both, and, where the symbol has funding, a rate that comes into force when the one before it is paid.
/// </summary>
public sealed class BitMexReference
{
    /// <summary>The largest rate, either way, in millionths.</summary>
    public const int RateMaxMicros = 3_750;

    /// <summary>Usual time between fundings: at 04:00, 12:00 and 20:00 UTC.</summary>
    public static readonly TimeSpan UsualFundingEvery = TimeSpan.FromHours(8);

    private const long NanosPerHour = 3_600_000_000_000, FirstHourOfDay = 4;
    private const int IndexStep = 3, Pull = 8, RateStep = 120;
    private const decimal Millionth = 0.000001m;

    private readonly SeededRandom _random;
    private readonly long _everyNanos;
    private int _premiumTicks;

    /// <param name="symbol">Whose.</param>
    /// <param name="fundingEvery">Time between fundings, at least a millisecond.</param>
    /// <param name="random">Its own draws.</param>
    public BitMexReference(BitMexSymbol symbol, TimeSpan fundingEvery, SeededRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fundingEvery, TimeSpan.FromMilliseconds(1));
        Symbol = symbol;
        _random = random;
        _everyNanos = (long)fundingEvery.TotalNanoseconds;
        IndexTicks = MarkTicks = symbol.OpeningTicks;
        (RateMicros, IndicativeMicros) = (100, 100);
    }

    /// <summary>Whose it is.</summary>
    public BitMexSymbol Symbol { get; }

    /// <summary>The index, ticks.</summary>
    public int IndexTicks { get; private set; }

    /// <summary>The mark price, ticks.</summary>
    public int MarkTicks { get; private set; }

    /// <summary>Rate of the next funding, millionths.</summary>
    public int RateMicros { get; private set; }

    /// <summary>Rate of the funding after it, as it stands, millionths.</summary>
    public int IndicativeMicros { get; private set; }

    /// <summary>When the next funding is, ns since the Unix epoch; 0 before the first <see cref="Begin"/>.</summary>
    public long FundingTime { get; private set; }

    /// <summary>A rate as JSON's usual writers write it.</summary>
    public static string Rate(int micros) => (micros * Millionth).ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>Sets the time of the next funding, where none is set.</summary>
    /// <param name="now">Ns since the Unix epoch.</param>
    public void Begin(long now) => FundingTime = FundingTime == 0 ? NextAfter(now) : FundingTime;

    /// <summary>Pays a funding that is due: what was indicative is in force from there on.</summary>
    /// <param name="now">Ns since the Unix epoch.</param>
    /// <returns>Whether one was due.</returns>
    public bool Fund(long now)
    {
        Begin(now);
        if (!Symbol.HasFunding || now < FundingTime)
        {
            return false;
        }

        FundingTime = NextAfter(now);
        RateMicros = IndicativeMicros;
        return true;
    }

    /// <summary>One step: some of the prices move, now and then the indicative rate.</summary>
    /// <param name="middleTicks">The book's middle.</param>
    /// <returns>What changed.</returns>
    public BitMexColumns Step(int middleTicks)
    {
        (int index, int mark, int rate) = (IndexTicks, MarkTicks, IndicativeMicros);
        if (_random.Chance(0.7))
        {
            IndexTicks = Math.Max(1, IndexTicks + ((middleTicks - IndexTicks) / Pull) + _random.Next(-IndexStep, IndexStep + 1));
        }

        if (_random.Chance(0.7))
        {
            _premiumTicks += Math.Sign(middleTicks - IndexTicks - _premiumTicks);
            MarkTicks = Math.Max(1, IndexTicks + _premiumTicks);
        }

        if (Symbol.HasFunding && _random.Chance(0.2))
        {
            IndicativeMicros = Math.Clamp(IndicativeMicros + _random.Next(-RateStep, RateStep + 1), -RateMaxMicros, RateMaxMicros);
        }

        return (index != IndexTicks ? BitMexColumns.Index : 0) | (mark != MarkTicks ? BitMexColumns.Mark : 0)
            | (rate != IndicativeMicros ? BitMexColumns.IndicativeRate : 0);
    }

    private long NextAfter(long now)
    {
        const long Offset = FirstHourOfDay * NanosPerHour;
        return Offset + ((((now - Offset) / _everyNanos) + 1) * _everyNanos);
    }
}
