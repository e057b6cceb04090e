using System.Globalization;
using System.Numerics;
using System.Text;
using Engine.Core.Numerics;
using Engine.Feeds.BitMex;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>Numbers and times as integers.</summary>
public class BitMexNumbersTests
{
    [TestCase("0.0001267", 126_700, nameof(NumberState.Exact))]
    [TestCase("1e-8", 10, nameof(NumberState.Exact))]
    [TestCase("1E-9", 1, nameof(NumberState.Exact))]
    [TestCase("12.5e+3", 12_500_000_000_000, nameof(NumberState.Exact))]
    [TestCase("-0.000014", -14_000, nameof(NumberState.Exact))]
    [TestCase("0.10000000000000000000000000", 100_000_000, nameof(NumberState.Exact))]
    [TestCase("0e999999999999", 0, nameof(NumberState.Exact))]
    [TestCase("-0.0", 0, nameof(NumberState.Exact))]
    [TestCase("9223372036.854775807", long.MaxValue, nameof(NumberState.Exact))]
    [TestCase("9223372036.854775808", 0, nameof(NumberState.TooLarge))]
    [TestCase("1e30", 0, nameof(NumberState.TooLarge))]
    [TestCase("1e99999999999999999999", 0, nameof(NumberState.TooLarge))]
    [TestCase("1e-10", 0, nameof(NumberState.TooFine))]
    [TestCase("1e-99999999999999999999", 0, nameof(NumberState.TooFine))]
    [TestCase("1.0000000001", 0, nameof(NumberState.TooFine))]
    [TestCase("123456789012345678901234567890.1234567891", 0, nameof(NumberState.TooFine))]
    public void Prices_are_exact_or_not_at_all(string text, long value, string state)
    {
        Assert.That(BitMexNumbers.Parse(Encoding.ASCII.GetBytes(text), 9, out long got).ToString(), Is.EqualTo(state));
        Assert.That(got, Is.EqualTo(state == nameof(NumberState.Exact) ? value : Engine.Core.Events.MarketEvent.Absent));
    }

    [Test]
    public void Any_number_agrees_with_big_integers()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            for (int i = 0; i < 20_000; i++)
            {
                string text = Draw(random);
                (NumberState state, long value) = Naive(text, i % 2 == 0 ? 9 : 0);
                Assert.That(BitMexNumbers.Parse(Encoding.ASCII.GetBytes(text), i % 2 == 0 ? 9 : 0, out long got), Is.EqualTo(state), $"seed {seed}: {text}");
                Assert.That(got, Is.EqualTo(state == NumberState.Exact ? value : Engine.Core.Events.MarketEvent.Absent), $"seed {seed}: {text}");
            }
        }
    }

    [TestCase("2021-04-17T16:41:02.073Z", 1_618_677_662_073_000_000)]
    [TestCase("1970-01-01T00:00:00Z", 0)]
    [TestCase("2024-02-29T23:59:59.123456789Z", 1_709_251_199_123_456_789)]
    [TestCase("2261-12-31T23:59:59.999Z", 9_214_646_399_999_000_000)]
    public void Times_are_exact(string text, long nanos)
    {
        Assert.That(BitMexNumbers.TryParseTime(Encoding.ASCII.GetBytes(text), out long got));
        Assert.That(got, Is.EqualTo(nanos));
    }

    [TestCase("")]
    [TestCase("2021-04-17")]
    [TestCase("2021-04-17T16:41:02.073")]
    [TestCase("2021-04-17T16:41:02.Z")]
    [TestCase("2021-04-17T16:41:02.0123456789Z")]
    [TestCase("2021-02-29T16:41:02.073Z")]
    [TestCase("2021-04-17T24:00:00.000Z")]
    [TestCase("2021-04-17T16:60:02.073Z")]
    [TestCase("2021-04-17 16:41:02.073Z")]
    [TestCase("2O21-04-17T16:41:02.073Z")]
    [TestCase("1969-12-31T23:59:59.999Z")]
    [TestCase("2262-01-01T00:00:00.000Z")]
    [TestCase("2021-00-17T16:41:02.073Z")]
    public void What_is_no_time_is_none(string text) =>
        Assert.That(BitMexNumbers.TryParseTime(Encoding.ASCII.GetBytes(text), out _), Is.False);

    [TestCase("6cfc8b9c-1b2f-00FF-aaaa-bbbbbbbbbbbb", true, 0x6cfc8b9c1b2f00ffUL)]
    [TestCase("0000000000000001", true, 1UL)]
    [TestCase("6cfc8b9c-1b2f", false, 0UL)]
    [TestCase("6cfc8b9c-1b2f-00fx-aaaa-bbbbbbbbbbbb", false, 0UL)]
    public void The_first_half_of_an_id(string text, bool isOne, ulong id)
    {
        Assert.That(BitMexNumbers.TryParseMatch(Encoding.ASCII.GetBytes(text), out ulong got), Is.EqualTo(isOne));
        Assert.That(isOne ? got : 0, Is.EqualTo(id));
    }

    private static string Draw(SeededRandom random)
    {
        var text = new StringBuilder(random.Chance(0.2) ? "-" : "");
        Digits(text, random, random.Next(1, 12), leading: true);
        if (random.Chance(0.7))
        {
            text.Append('.');
            Digits(text, random, random.Next(1, 14), leading: false);
        }

        if (random.Chance(0.4))
        {
            text.Append(random.Chance(0.5) ? 'e' : 'E').Append(random.Next(3) switch { 0 => "", 1 => "-", _ => "+" }).Append(random.Next(0, 22));
        }

        return text.ToString();
    }

    private static void Digits(StringBuilder text, SeededRandom random, int count, bool leading)
    {
        for (int i = 0; i < count; i++)
        {
            char digit = random.Chance(0.4) ? '0' : (char)('0' + random.Next(10));
            text.Append(leading && i == 0 && digit == '0' && count > 1 ? '7' : digit);
        }
    }

    /// <summary>Mantissa and power of ten by big integers.</summary>
    private static (NumberState State, long Value) Naive(string text, int decimals)
    {
        string[] halves = text.ToLowerInvariant().Split('e');
        int exponent = decimals + (halves.Length > 1 ? int.Parse(halves[1], CultureInfo.InvariantCulture) : 0);
        string[] parts = halves[0].Split('.');
        string behind = parts.Length > 1 ? parts[1] : "";
        BigInteger mantissa = BigInteger.Parse(parts[0] + behind, CultureInfo.InvariantCulture);
        exponent -= behind.Length;
        BigInteger divisor = exponent < 0 ? BigInteger.Pow(10, -exponent) : 1;
        BigInteger value = exponent < 0 ? mantissa / divisor : mantissa * BigInteger.Pow(10, exponent);
        return exponent < 0 && mantissa % divisor != 0 ? (NumberState.TooFine, 0)
            : BigInteger.Abs(value) > long.MaxValue ? (NumberState.TooLarge, 0)
            : (NumberState.Exact, (long)value);
    }
}
