using System.Text;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.TestKit.Features;

namespace Engine.Tests.Features.Contracts;

/// <summary>What a contract's file may say, and how everything else is refused: what, where, what to do.</summary>
public sealed class ContractReaderTests
{
    private const string Families = "ask_distance, bid_distance, ask_volume, bid_volume, imbalance, shape, buy_volume, sell_volume, buy_count, sell_count, "
        + "ask_added_liquidity, ask_removed_liquidity, bid_added_liquidity, bid_removed_liquidity, order_flow_imbalance, return, volatility, activity, queue, "
        + "cancel_pressure, lifetime, reference, health";

    private static string Sixteen { get; } = string.Join(", ", Enumerable.Range(1, 16));

    [TestCase("[]", "the file must be an object, { … }")]
    [TestCase("7", "the file must be an object, { … }")]
    [TestCase("{}", "name is missing; it must be a text")]
    [TestCase("""{ "name": 7 }""", "name must be a text in quotes")]
    [TestCase("""{ "name": null }""", "name must be a text in quotes")]
    [TestCase("""{ "name": "" }""", "name is ''; it must be 1 to 64 letters, digits, '-', '_' or '.'")]
    [TestCase("""{ "name": "a b" }""", "name is 'a b'; it must be 1 to 64 letters, digits, '-', '_' or '.'")]
    [TestCase("""{ "name": "a\nb" }""", "name is 'a?b'; it must be 1 to 64 letters, digits, '-', '_' or '.'")]
    [TestCase("""{ "name": "ä|b" }""", "name is 'ä|b'; it must be 1 to 64 letters, digits, '-', '_' or '.'")]
    [TestCase("""{ "name": "t" }""", "families must be a list of at least one family")]
    [TestCase("""{ "name": "t", "families": "health" }""", "families must be a list of at least one family")]
    [TestCase("""{ "name": "t", "families": [] }""", "families must be a list of at least one family")]
    [TestCase("""{ "name": "t", "name": "t", "families": ["health"] }""", "name is there twice; keep one")]
    [TestCase("""{ "name": "t", "sampling": 7, "families": ["health"] }""", "sampling must be a text in quotes")]
    [TestCase("""{ "name": "t", "sampling": "every-0", "families": ["health"] }""", "sampling is 'every-0'; write every-event, every-N or grid-MS")]
    [TestCase("""{ "name": "t", "famlies": ["health"] }""", "famlies is not known; did you mean families?")]
    [TestCase("""{ "venue": "itch50" }""", "venue is not known; known are name, sampling, families")]
    [TestCase("""{ "zzzzzzzz": 1 }""", "zzzzzzzz is not known; known are name, sampling, families")]
    [TestCase("""{ "a\u0007b": 1 }""", "a?b is not known; known are name, sampling, families")]
    public void A_wrong_file_is_refused(string text, string words) => AssertRefused(text, words);

    [TestCase("7", "families[0] must be a family's name, or an object, { … }")]
    [TestCase("null", "families[0] must be a family's name, or an object, { … }")]
    [TestCase("\"health\", [\"health\"]", "families[1] must be a family's name, or an object, { … }")]
    [TestCase("\"helth\"", "families[0] is 'helth', which is no family; did you mean health?")]
    [TestCase("\"Health\"", "families[0] is 'Health', which is no family; did you mean health?")]
    [TestCase("\"zzzzzzzzzzzzzzzzzzzz\"", "families[0] is 'zzzzzzzzzzzzzzzzzzzz', which is no family; known are " + Families)]
    [TestCase("\"health\", {}", "families[1].family is missing; it must be a text")]
    [TestCase("""{ "family": 7 }""", "families[0].family must be a text in quotes")]
    [TestCase("""{ "family": "retrun" }""", "families[0].family is 'retrun', which is no family; did you mean return?")]
    [TestCase("""{ "family": "return", "window_ms": [1] }""", "families[0].window_ms is not known; did you mean windows_ms?")]
    [TestCase("""{ "family": "return", "family": "return" }""", "families[0].family is there twice; keep one")]
    [TestCase("""{ "family": "health", "levels": 1 }""", "families[0].levels: family health has no choice of levels; leave it out")]
    [TestCase("""{ "family": "health", "windows_ms": [1] }""", "families[0].windows_ms: family health has no windows; leave it out")]
    [TestCase("""{ "family": "ask_volume", "windows_ms": [1] }""", "families[0].windows_ms: family ask_volume has no windows; leave it out")]
    [TestCase("""{ "family": "ask_volume", "levels": 0 }""", "families[0]: levels is 0; it must be 1 to 10")]
    [TestCase("""{ "family": "ask_volume", "levels": 11 }""", "families[0]: levels is 11; it must be 1 to 10")]
    [TestCase("""{ "family": "ask_volume", "levels": -2147483649 }""", "families[0].levels must be a whole number, 1 to 10")]
    [TestCase("""{ "family": "ask_volume", "levels": 1.5 }""", "families[0].levels must be a whole number, 1 to 10")]
    [TestCase("""{ "family": "ask_volume", "levels": 1e999 }""", "families[0].levels must be a whole number, 1 to 10")]
    [TestCase("""{ "family": "ask_volume", "levels": "3" }""", "families[0].levels must be a whole number, 1 to 10")]
    [TestCase("""{ "family": "return", "windows_ms": 7 }""", "families[0].windows_ms must be a list of milliseconds, [1000, 5000]")]
    [TestCase("""{ "family": "return", "windows_ms": [] }""", "families[0]: it has 0 windows; it must have 1 to 16")]
    [TestCase("""{ "family": "return", "windows_ms": [0] }""", "families[0].windows_ms: 0 is no whole number of milliseconds, 1 to 3600000")]
    [TestCase("""{ "family": "return", "windows_ms": [3600001] }""", "families[0].windows_ms: 3600001 is no whole number of milliseconds, 1 to 3600000")]
    [TestCase("""{ "family": "return", "windows_ms": [1e999] }""", "families[0].windows_ms: 1e999 is no whole number of milliseconds, 1 to 3600000")]
    [TestCase("""{ "family": "return", "windows_ms": [0.5] }""", "families[0].windows_ms: 0.5 is no whole number of milliseconds, 1 to 3600000")]
    [TestCase("""{ "family": "return", "windows_ms": ["1"] }""", "families[0].windows_ms: \"1\" is no whole number of milliseconds, 1 to 3600000")]
    [TestCase("""{ "family": "return", "windows_ms": [5, 5] }""", "families[0]: a window of 5 ms comes after one of 5; the shortest comes first, each once")]
    [TestCase("""{ "family": "return", "windows_ms": [9, 5] }""", "families[0]: a window of 5 ms comes after one of 9; the shortest comes first, each once")]
    [TestCase("\"health\", \"return\", \"health\"", "families[2] is health, which families[0] is already; name all its levels and windows in one")]
    [TestCase("""{ "family": "return", "windows_ms": [1] }, "health", { "family": "return", "windows_ms": [2] }""",
        "families[2] is return, which families[0] is already; name all its levels and windows in one")]
    public void A_wrong_family_is_refused(string families, string words) => AssertRefused(ContractTexts.Of(families), words);

    [TestCase("", "is not JSON at line 1, byte 1: ")]
    [TestCase("{\n \"name\": NaN }", "is not JSON at line 2, byte 10: ")]
    [TestCase("{ \"name\": \"t\" } }", "is not JSON at line 1, byte 17: ")]
    [TestCase("{ \"name\": \"t\"", "is not JSON at line 1, ")]
    [TestCase("{ \"name\": [[[[[[[[[[[[", "is not JSON at line 1, ")]
    [TestCase("""{ "name": "\ud800" }""", "holds a text that is not Unicode; look for an escape from \\ud800 to \\udfff without its other half")]
    [TestCase("""{ "\udc00": 1 }""", "holds a text that is not Unicode")]
    [TestCase("""{ "name": "t", "families": [ "\ud800" ] }""", "holds a text that is not Unicode")]
    public void A_file_that_is_no_json_is_refused(string text, string words) => Assert.That(Refusal(Encoding.UTF8.GetBytes(text)), Does.StartWith($"t.json: {words}"));

    [Test]
    public void Bytes_that_are_no_text_are_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Refusal([.. "{ \"name\": \""u8, 0xE9, .. "\" }"u8]), Is.EqualTo("t.json: is not UTF-8; save it as UTF-8"));
            Assert.That(Refusal(Encoding.Unicode.GetPreamble()), Is.EqualTo("t.json: is not UTF-8; save it as UTF-8"));
            Assert.That(Refusal(new byte[10 << 20]), Is.EqualTo("t.json: is longer than 1,048,576 bytes; this is no contract"));
            Assert.That(Refusal([.. Enumerable.Repeat((byte)'[', 1 << 20)]), Does.StartWith("t.json: is not JSON at line 1, "));
            Assert.That(Refusal(Encoding.UTF8.GetBytes(ContractTexts.Of($$"""{ "family": "return", "windows_ms": [{{new string('9', 500)}}] }"""))),
                Is.EqualTo($"t.json: families[0].windows_ms: {new string('9', 80)}… is no whole number of milliseconds, 1 to 3600000"));
        });
    }

    [Test]
    public void Comments_commas_and_a_mark_in_front_say_nothing()
    {
        byte[] plain = """{ "name": "t", "families": ["health"] }"""u8.ToArray();
        byte[] other = [0xEF, 0xBB, 0xBF, .. "/* a */ { \"families\": [\"health\",], // b\n \"sampling\": \"every-event\", \"name\": \"t\", }"u8];
        Assert.That(Hash(ContractReader.Read(other, "t.json")), Is.EqualTo(Hash(ContractReader.Read(plain, "t.json"))));
    }

    [Test]
    public void Limits_of_windows_are_named()
    {
        AssertRefused(ContractTexts.Of($$"""{ "family": "return", "windows_ms": [{{Sixteen}}, 17] }"""), "families[0]: it has 17 windows; it must have 1 to 16");
        AssertRefused(
            ContractTexts.Of($$"""{ "family": "return", "windows_ms": [{{Sixteen}}] }, { "family": "volatility", "windows_ms": [17] }"""),
            "contract 't': its families have 17 different bucketed windows; there may be 16, so let families share them");
        AssertRefused(
            ContractTexts.Of($$"""{ "family": "buy_count", "windows_ms": [{{Sixteen}}] }, { "family": "sell_count", "windows_ms": [17] }"""),
            "contract 't': its families have 17 different exact windows; there may be 16, so let families share them");
    }

    /// <summary>Five families of 160 columns, then 16, 16, 19, 32, 48, 16, 16, and the last ones fill the contract to the brim.</summary>
    [Test]
    public void The_limit_of_features_is_reached_and_named()
    {
        IEnumerable<string> deep = new[] { "ask_added_liquidity", "ask_removed_liquidity", "bid_added_liquidity", "bid_removed_liquidity", "order_flow_imbalance" }
            .Select(f => $$"""{ "family": "{{f}}", "levels": 10, "windows_ms": [{{Sixteen}}] }""");
        IEnumerable<string> flat = new[] { "return", "volatility", "activity", "cancel_pressure", "lifetime", "buy_volume", "sell_volume" }
            .Select(f => $$"""{ "family": "{{f}}", "windows_ms": [{{Sixteen}}] }""");
        string most = string.Join(", ", [.. deep, .. flat, .. new[] { "ask_volume", "bid_volume", "ask_distance", "bid_distance", "health", "queue", "reference", "imbalance" }.Select(f => $"\"{f}\"")]);
        Assert.That(ContractDescription.Of(ContractDefinition.Parse(ContractTexts.Of(most), "t.json")).Contract.Count, Is.EqualTo(ContractDefinition.MaxFeatures));
        AssertRefused(ContractTexts.Of($"{most}, \"shape\""), "contract 't' has 1,026 features; there may be 1,024, so choose fewer levels or windows");
    }

    [Test]
    public void The_default_is_its_table()
    {
        ContractDescription made = ContractDescription.Of(ContractDefinition.BuiltIn("default"));
        Assert.That(made.Contract.Count, Is.EqualTo(142));
        Assert.That(made.Contract.Features.ToArray(), Is.EqualTo(NaiveContract.Default));
        Assert.That(made.Families.Select(f => f.Name), Is.EqualTo(Families.Split(", ")), "and every family is in it");
    }

    [Test]
    public void A_description_covers_every_column_once([ValueSource(typeof(ContractDefinition), nameof(ContractDefinition.Names))] string name)
    {
        ContractDescription made = ContractDescription.Of(ContractDefinition.BuiltIn(name));
        FeatureSpec[] columns = made.Contract.Features.ToArray();
        int next = 0;
        foreach (FamilyDescription family in made.Families)
        {
            FeatureSpec[] own = columns[family.FirstColumn..(family.FirstColumn + family.Columns)];
            Assert.That(family.FirstColumn, Is.EqualTo(next));
            Assert.That(own.Select(c => c.Family), Is.All.EqualTo(family.Name));
            Assert.That(family.Units, Is.EqualTo(own.Select(c => c.Unit).Distinct()));
            Assert.That(family.WindowNanos, Is.EqualTo(own.Select(c => c.WindowNanos).Where(w => w > 0).Distinct().Order()));
            Assert.That(family.Windows == "none", Is.EqualTo(family.WindowNanos.Count == 0));
            Assert.That(new[] { family.Formula, family.Source }, Has.All.Length.GreaterThan(10).And.All.Not.Contains('\n'));
            next += family.Columns;
        }

        Assert.That(next, Is.EqualTo(columns.Length));
        Assert.That(made.BytesByInstrument, Is.GreaterThan(InstrumentHead.SizeInBytes + (columns.Length * sizeof(float))).And.LessThan(1 << 14));
    }

    private static string Hash(ContractDefinition definition) => ContractDescription.Of(definition).Contract.Hash;

    private static string? Refusal(byte[] text) => Assert.Throws<ContractException>(() => ContractReader.Read(text, "t.json"))?.Message;

    private static void AssertRefused(string text, string words) => Assert.That(Refusal(Encoding.UTF8.GetBytes(text)), Is.EqualTo($"t.json: {words}"));
}
