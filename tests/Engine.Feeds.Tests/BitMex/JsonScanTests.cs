using System.Text;
using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Feeds.BitMex;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>The check of JSON against the class library's own reader: what it calls good must not make that one throw.</summary>
public class JsonScanTests
{
    private static readonly byte[] s_alphabet = "{}[]\",:\\ \t0123456789.eE+-truefalsn\u0001u/bdé"u8.ToArray();

    private static readonly string[] s_seeds =
    [
        """{"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","size":3e-2}]}""",
        """[1,-0.5,1e+3,true,false,null,"a\u00e9\n\\\"",{},[],{"a":{"b":[[]]}}]""",
        """{"a" : [ 1 , 2 ] , "b" : { } }""",
        "\"text\"",
        "-12.5E7",
    ];

    [TestCase("", nameof(JsonState.Cut))]
    [TestCase("  ", nameof(JsonState.Cut))]
    [TestCase("{", nameof(JsonState.Cut))]
    [TestCase("{\"a", nameof(JsonState.Cut))]
    [TestCase("{\"a\"", nameof(JsonState.Cut))]
    [TestCase("{\"a\":", nameof(JsonState.Cut))]
    [TestCase("{\"a\":1", nameof(JsonState.Cut))]
    [TestCase("[1,", nameof(JsonState.Cut))]
    [TestCase("tru", nameof(JsonState.Cut))]
    [TestCase("\"\\u12", nameof(JsonState.Cut))]
    [TestCase("1.", nameof(JsonState.Cut))]
    [TestCase("1e+", nameof(JsonState.Cut))]
    [TestCase("[1,]", nameof(JsonState.Bad))]
    [TestCase("{,}", nameof(JsonState.Bad))]
    [TestCase("{\"a\":1,}", nameof(JsonState.Bad))]
    [TestCase("[1}", nameof(JsonState.Bad))]
    [TestCase("01", nameof(JsonState.Bad))]
    [TestCase("1 2", nameof(JsonState.Bad))]
    [TestCase("{} x", nameof(JsonState.Bad))]
    [TestCase("'a'", nameof(JsonState.Bad))]
    [TestCase("\"\\x\"", nameof(JsonState.Bad))]
    [TestCase("trux", nameof(JsonState.Bad))]
    [TestCase(" {} \n", nameof(JsonState.Good))]
    [TestCase("[[[]]]", nameof(JsonState.Good))]
    public void Texts_are_told_apart(string text, string state) =>
        Assert.That(Check(Encoding.UTF8.GetBytes(text), out _).ToString(), Is.EqualTo(state));

    [Test]
    public void Depth_has_a_limit()
    {
        static byte[] Nested(int depth) => [.. Enumerable.Repeat((byte)'[', depth), .. Enumerable.Repeat((byte)']', depth)];
        Assert.That(Check(Nested(JsonScan.MaxDepth), out _), Is.EqualTo(JsonState.Good));
        Assert.That(Check(Nested(JsonScan.MaxDepth + 1), out _), Is.EqualTo(JsonState.TooDeep));
        Assert.That(Check(Nested(1_000_000), out _), Is.EqualTo(JsonState.TooDeep));
    }

    [Test]
    public void The_outermost_properties_are_shown_with_their_values()
    {
        byte[] text = """ {"a":{"a":1},"b\n":[1,[2]] , "c" :"x\"y" ,"d":-1.5e3, "a":null} """u8.ToArray();
        Assert.That(Check(text, out List<string> properties), Is.EqualTo(JsonState.Good));
        Assert.That(properties, Is.EqualTo(new[] { """a={"a":1}""", """b\n=[1,[2]]""", """c="x\"y" """.TrimEnd(), "d=-1.5e3", "a=null" }));
        Check("[{\"a\":1}]"u8.ToArray(), out List<string> none);
        Assert.That(none, Is.Empty);
    }

    [Test]
    public void Damaged_texts_are_judged_as_the_reader_judges_them()
    {
        int good = 0, bad = 0;
        foreach (ulong seed in Seeds.Take(2))
        {
            var random = new SeededRandom(seed);
            for (int round = 0; round < 30_000; round++)
            {
                byte[] text = Damage(random, Encoding.UTF8.GetBytes(s_seeds[random.Next(s_seeds.Length)]));
                bool isGood = Check(text, out _) == JsonState.Good;
                Assert.That(isGood, Is.EqualTo(Reads(text)), $"seed {seed}, round {round}: {Encoding.Latin1.GetString(text)}");
                good += isGood ? 1 : 0;
                bad += isGood ? 0 : 1;
            }
        }

        Assert.That((good > 1_000, bad > 1_000), Is.EqualTo((true, true)), $"{good} good, {bad} bad");
    }

    private static byte[] Damage(SeededRandom random, byte[] text)
    {
        List<byte> bytes = [.. text];
        for (int i = random.Next(4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = s_alphabet[random.Next(s_alphabet.Length)];
                    break;
                case 1:
                    bytes.Insert(at, s_alphabet[random.Next(s_alphabet.Length)]);
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes = random.Chance(0.3) ? bytes[..at] : bytes;
                    break;
            }
        }

        return [.. bytes];
    }

    private static bool Reads(byte[] text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            int tokens = 0;
            while (reader.Read())
            {
                tokens++;
            }

            return tokens > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static unsafe JsonState Check(byte[] text, out List<string> properties)
    {
        // A byte of its own behind the text: a read beyond the end would find it.
        byte[] padded = [.. text, (byte)'"'];
        Top.Seen = properties = [];
        var top = default(Top);
        fixed (byte* start = padded)
        {
            return JsonScan.Check(start, text.Length, ref top);
        }
    }

    private readonly struct Top : IJsonTop
    {
        [ThreadStatic]
        public static List<string>? Seen;

        public void OnProperty(ReadOnlySpan<byte> name, JsonPart value) =>
            Seen!.Add($"{Encoding.Latin1.GetString(name)}={Encoding.Latin1.GetString(value.Span)}");
    }
}
