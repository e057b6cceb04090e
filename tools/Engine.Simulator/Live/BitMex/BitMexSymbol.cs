using System.Globalization;

namespace Engine.Simulator.Live.BitMex;

/// <summary>A symbol of the simulated venue.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="TickSize">The smallest step of its price.</param>
/// <param name="OpeningTicks">Its middle price at first, in ticks; at least <see cref="BitMexMarket.FloorTicks"/>.</param>
/// <param name="HasFunding">Whether longs and shorts pay each other; a symbol that expires has no funding.</param>
public sealed record BitMexSymbol(string Name, decimal TickSize, int OpeningTicks, bool HasFunding = true)
{
    private const decimal SmallestPlain = 0.000001m;

    /// <summary>Two with prices of the usual size, one without funding whose prices are written with an exponent.</summary>
    public static IReadOnlyList<BitMexSymbol> Usual { get; } =
    [
        new("XBTUSD", 0.5m, 120_000),
        new("ETHUSD", 0.05m, 60_000),
        new("SHIBXBT", 0.000000001m, 700, false),
    ];

    /// <summary>A price as JSON's usual writers write it: shortest, with an exponent below a millionth.</summary>
    public string Price(int ticks)
    {
        decimal price = ticks * TickSize;
        int exponent = 0;
        if (price < SmallestPlain)
        {
            for (; price is > 0 and < 1; exponent++)
            {
                price *= 10;
            }
        }

        string digits = price.ToString("0.############", CultureInfo.InvariantCulture);
        return exponent == 0 ? digits : string.Create(CultureInfo.InvariantCulture, $"{digits}e-{exponent}");
    }
}
