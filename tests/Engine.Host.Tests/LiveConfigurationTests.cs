using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Host.Configuration;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>What the configuration file of `engine live` and `engine record` may say, and how everything else is refused.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class LiveConfigurationTests(EngineBinary engine) : EngineTests(engine)
{
    private const string Line = """{ "name": "A", "group": "239.192.7.1", "port": 26400 }""";

    /// <summary>Each a file and the words by which it is refused; the first of them is the key's path.</summary>
    private static IEnumerable<TestCaseData> Refused()
    {
        (string Name, string Text, string[] Words)[] cases =
        [
            ("an empty file", "", ["is not JSON at line 1"]),
            ("no JSON", "{\n  \"venue\": \"itch50\",\n  venue\n}", ["is not JSON at line 3, byte 3"]),
            ("text behind it", Whole(Line) + "\n}", ["is not JSON at line 2"]),
            ("too deep", new string('[', 100), ["is not JSON at line 1", "64"]),
            ("half of a pair of escapes", """{ "venue": "\ud800" }""", ["is not Unicode", "\\ud800"]),
            ("a list", "[]", ["the file must be an object", "not a list"]),
            ("an unknown key", Whole(Line, """ "topolgy": "fused" """), ["topolgy", "did you mean topology?"]),
            ("an unknown key like none", Whole(Line, """ "zzzzzzzzzzzzzzzz": 1 """), ["zzzzzzzzzzzzzzzz is not known", "known are venue, "]),
            ("an unknown key of two lines", Whole(Line, "\"a\\nb\": 1"), ["a?b is not known"]),
            ("a misspelt section", $$"""{ "venue": "itch50", "upd": { "lines": [ {{Line}} ] } }""", ["upd", "did you mean udp?"]),
            ("an unknown key of udp", Udp(Line, """ "gap_wait_ms": 5 """), ["udp.gap_wait_ms", "did you mean gap_wait_us?"]),
            ("misspelt lines", $$"""{ "venue": "itch50", "udp": { "line": [ {{Line}} ] } }""", ["udp.line ", "did you mean lines?"]),
            ("an unknown key of a line", Whole("""{ "name": "A", "group": "239.192.7.1", "prot": 26400 }"""), ["udp.lines[0].prot", "did you mean port?"]),
            ("a misspelt name", Whole("""{ "nmae": "A", "group": "239.192.7.1", "port": 1 }"""), ["udp.lines[0].nmae", "did you mean name?"]),
            ("an unknown key of request", Udp(Line, """ "request": { "address": "10.0.0.1:1", "retry": 2 } """), ["udp.request.retry", "did you mean retries?"]),
            ("an unknown key of snapshot", Udp(Line, """ "snapshot": { "address": "10.0.0.1:1", "pass": "x" } """), ["udp.snapshot.pass", "did you mean password?"]),
            ("no venue", $$"""{ "udp": { "lines": [ {{Line}} ] } }""", ["venue is missing", "itch50, xdp, iex-deep"]),
            ("an unknown venue", $$"""{ "venue": "nasdaq", "udp": { "lines": [ {{Line}} ] } }""", ["venue is 'nasdaq'", "itch50, xdp, iex-deep"]),
            ("no udp", """{ "venue": "itch50" }""", ["udp is missing", "lines"]),
            ("udp is no object", """{ "venue": "itch50", "udp": [] }""", ["udp must be an object", "not a list"]),
            ("no lines", """{ "venue": "itch50", "udp": {} }""", ["udp.lines is missing", "at least one"]),
            ("an empty list of lines", """{ "venue": "itch50", "udp": { "lines": [] } }""", ["udp.lines must be a list with at least one object"]),
            ("a line that is no object", Whole("7"), ["udp.lines[0] must be an object", "the number 7"]),
            ("no name", Whole("""{ "group": "239.192.7.1", "port": 1 }"""), ["udp.lines[0].name is missing"]),
            ("no group", Whole("""{ "name": "A", "port": 1 }"""), ["udp.lines[0].group is missing", "239.192.1.1"]),
            ("no port", Whole("""{ "name": "A", "group": "239.192.7.1" }"""), ["udp.lines[0].port is missing", "1 to 65535"]),
            ("port 0", LineWith("\"port\": 0"), ["udp.lines[0].port is 0", "1 to 65535"]),
            ("a port above all", LineWith("\"port\": 65536"), ["udp.lines[0].port is 65536", "1 to 65535"]),
            ("a port that is a text", LineWith("\"port\": \"26400\""), ["udp.lines[0].port", "whole number in 1 to 65535", "the text '26400'"]),
            ("a port with a fraction", LineWith("\"port\": 26400.5"), ["udp.lines[0].port", "the number 26400.5"]),
            ("a port of many digits", LineWith("\"port\": 99999999999999999999"), ["udp.lines[0].port", "1 to 65535", "99999999999999999999"]),
            ("a group that is a number", Whole("""{ "name": "A", "group": 4022338305, "port": 1 }"""), ["udp.lines[0].group", "text in quotes", "4022338305"]),
            ("a blank name", Whole("""{ "name": " ", "group": "239.192.7.1", "port": 1 }"""), ["udp.lines[0].name is ' '"]),
            ("a name of two lines", Whole("""{ "name": "A\nengine: note", "group": "239.192.7.1", "port": 1 }"""), ["udp.lines[0].name", "control characters"]),
            ("a name that recordings keep", Whole("""{ "name": "engine:clock", "group": "239.192.7.1", "port": 1 }"""), ["udp.lines[0].name is 'engine:clock'", "recordings"]),
            ("two lines of one name", Whole($"{Line}, {Line}"), ["udp.lines has two lines named A"]),
            ("too many lines", Whole(string.Join(',', Enumerable.Range(0, 64).Select(i => Line.Replace("\"A\"", $"\"L{i}\"", StringComparison.Ordinal)))), ["udp.lines has 64 lines", "at most 63"]),
            ("a source for no group", Whole("""{ "name": "A", "group": "127.0.0.1", "port": 1, "source": "10.0.0.1" }"""), ["udp.lines[0].source", "127.0.0.1 is none"]),
            ("a source that is a group", LineWith("\"port\": 1, \"source\": \"239.1.1.1\""), ["udp.lines[0].source is 239.1.1.1", "one host"]),
            ("a request without a wait", Udp(Line, """ "gap_wait_us": 0, "request": { "address": "10.0.0.1:1" } """), ["udp.gap_wait_us is 0", "leave request out"]),
            ("a request without an address", Udp(Line, """ "request": {} """), ["udp.request.address is missing", "10.0.0.1:26478"]),
            ("no retry", Udp(Line, """ "request": { "address": "10.0.0.1:1", "retries": 0 } """), ["udp.request.retries is 0", "must lie in 1 to "]),
            ("no time-out", Udp(Line, """ "request": { "address": "10.0.0.1:1", "timeout_ms": 0 } """), ["udp.request.timeout_ms is 0", "must lie in 1 to "]),
            ("requests of a venue that answers none", Udp(Line, """ "request": { "address": "10.0.0.1:1" } """).Replace("itch50", "iex-deep", StringComparison.Ordinal), ["udp.request is for itch50", "iex-deep"]),
            ("snapshots of a venue that has none", Udp(Line, """ "snapshot": { "address": "10.0.0.1:1" } """).Replace("itch50", "xdp", StringComparison.Ordinal), ["udp.snapshot is for itch50", "xdp"]),
            ("a long user", Udp(Line, """ "snapshot": { "address": "10.0.0.1:1", "user": "sevenup" } """), ["udp.snapshot.user", "at most 6"]),
            ("a small buffer", Udp(Line, """ "receive_buffer_bytes": 4095 """), ["udp.receive_buffer_bytes is 4095", "4096 to "]),
            ("a negative time", Udp(Line, """ "busy_poll_us": -1 """), ["udp.busy_poll_us is -1", "0 to 1000000"]),
            ("another way to wait", Udp(Line, """ "wait": "sleep" """), ["udp.wait is 'sleep'", "spin, park"]),
            ("a key twice", Udp(Line, """ "wait": "spin", "wait": "park" """), ["udp.wait is there twice"]),
            ("no day", Whole(Line, """ "date": "20191230" """), ["date is '20191230'", "yyyy-MM-dd"]),
            ("no symbol", Whole(Line, """ "symbols": [] """), ["symbols is empty"]),
            ("two symbols in one", Whole(Line, """ "symbols": ["A,B"] """), ["symbols has 'A,B'", "commas"]),
            ("symbols that are no list", Whole(Line, """ "symbols": "A" """), ["symbols must be a list of texts"]),
            ("a contract that is none", Whole(Line, """ "contract": "defalt" """), ["contract is wrong: there is no feature contract 'defalt'", "default, small, bitmex, snapshot"]),
            ("a contract's file that is not there", Whole(Line, """ "contract": "here/is/none.json" """), ["contract is wrong: here/is/none.json does not exist; check the path"]),
            ("another contract's hash", Whole(Line, """ "contract": "small", "contract_hash": "00" """), ["contract_hash is '00', but contract small with every-event has ", "leave the hash out"]),
            ("a hash of models' contract", Whole(Line, """ "models": ["a.onnx"], "contract_hash": "00" """), ["contract_hash is for a contract that is named"]),
            ("a sampling that is none", Whole(Line, """ "sampling": "every-0" """), ["sampling is 'every-0'", "grid-MS"]),
            ("a background on a CPU that is not there", Whole(Line, """ "background_pin": 1023 """), ["background_pin names CPU 1023", "this process may use"]),
            ("a flag that is a text", Whole(Line, """ "lock_memory": "yes" """), ["lock_memory must be true or false", "'yes'"]),
            ("a priority above all", Whole(Line, """ "fifo": 100 """), ["fifo is 100", "0 to 99"]),
            ("a CPU that is not there", Whole(Line, """ "pin": [4096] """), ["pin names CPU 4096", "this process may use 0"]),
            ("too many CPUs", Whole(Line, """ "topology": "fused", "pin": [0, 0, 0] """), ["pin has 3 CPUs", "fused takes two"]),
            ("CPUs with fractions", Whole(Line, """ "pin": [0.5] """), ["pin must be a list of whole numbers"]),
            ("an empty path", Whole(Line, """ "record": "" """), ["record is ''"]),
            ("a path with a zero", Whole(Line, """ "out": "a\u0000b" """), ["out is 'a?b'", "control characters"]),
        ];
        return cases.Select(c => new TestCaseData(c.Text, c.Words).SetArgDisplayNames(c.Name));
    }

    [TestCaseSource(nameof(Refused))]
    public void What_cannot_be_is_refused_by_key_and_value(string text, string[] words)
    {
        string path = Write(text);
        AssertConfigurationRefused(path, [$"{path}: ", .. words]);
    }

    [Test]
    public void A_refusal_is_one_line_of_a_process()
    {
        string path = Write(Whole(Line, "\"a\\nb\": 1"));
        AssertRefused(Binary.Run("live", "--config", path), $"{path}: a?b is not known; known are venue, ");
        AssertRefused(Binary.Run("record", "--config", path, "--out", Repository.NewPath(".pcapng")), $"{path}: a?b is not known");
        string cut = Write("{\n");
        AssertRefused(Binary.Run("live", "--config", cut, "--check-config"), $"{cut}: is not JSON at line 2");
    }

    [TestCase("239.192.1")]
    [TestCase("239.192.1.01")]
    [TestCase("0xef.192.1.1")]
    [TestCase("239.192.1.256")]
    [TestCase(" 239.192.1.1")]
    [TestCase("4022338305")]
    [TestCase("ff02::1")]
    [TestCase("feed.example")]
    [TestCase("")]
    public void An_address_is_four_decimal_numbers(string address)
    {
        string path = Write(Whole($$"""{ "name": "A", "group": "{{address}}", "port": 1 }"""));
        AssertConfigurationRefused(path, $"{path}: udp.lines[0].group is '{address}'; write an IPv4 address");
    }

    [TestCase("10.0.0.1")]
    [TestCase("10.0.0.1:0")]
    [TestCase("10.0.0.1:65536")]
    [TestCase("10.0.0.1:080")]
    [TestCase("[::1]:80")]
    [TestCase("0.0.0.0:80")]
    [TestCase("239.1.1.1:80")]
    [TestCase("host:80")]
    public void A_server_is_one_host_and_a_port(string server)
    {
        string path = Write(Udp(Line, $$""" "request": { "address": "{{server}}" } """));
        AssertConfigurationRefused(path, $"{path}: udp.request.address is '{server}'; write an IPv4 address and a port");
    }

    [Test]
    public void A_file_that_cannot_be_read_is_refused_by_its_path()
    {
        string absent = Repository.NewPath(".json");
        AssertRefused(Binary.Run("live", "--config", absent), absent, "does not exist");
        AssertRefused(Binary.Run("record", "--config", Repository.Scratch, "--out", absent), Repository.Scratch, "is a folder");
        string huge = Write(Whole(Line) + new string(' ', 1 << 20));
        AssertRefused(Binary.Run("live", "--config", huge), huge, "longer than 1,048,576 bytes");
        AssertRefused(Binary.Run("live", "--config", "/dev/zero"), "/dev/zero", "longer than 1,048,576 bytes");
        string latin = Repository.Write(".json", [.. "{\n\"venue\": \"itch50\",\n\"date\": \""u8, 0xE9, .. "\" }"u8]);
        AssertRefused(Binary.Run("live", "--config", latin), latin, "is not UTF-8 at line 3");
        AssertRefused(Binary.Run("live"), "--config", "see engine live --help");
    }

    [Test]
    public void A_model_that_is_not_there_is_refused_by_its_key([Values] bool check)
    {
        string path = Write(Whole(Line, """ "models": ["here/is/none.onnx"] """));
        AssertRefused(Binary.Run(["live", "--config", path, .. check ? (string[])["--check-config"] : []]), path, "models[0]", "here/is/none.onnx", "check the path");
    }

    [Test]
    public void A_password_is_never_shown()
    {
        string number = Write(Udp(Line, """ "snapshot": { "address": "10.0.0.1:1", "password": 777333 } """));
        EngineRun run = Binary.Run("live", "--config", number, "--check-config");
        AssertRefused(run, "udp.snapshot.password", "text in quotes");
        Assert.That(run.Error, Does.Not.Contain("777333"));
        string longer = Write(Udp(Line, """ "snapshot": { "address": "10.0.0.1:1", "password": "777333777333" } """));
        run = Binary.Run("live", "--config", longer, "--check-config");
        AssertRefused(run, "udp.snapshot.password", "at most 10");
        Assert.That(run.Error, Does.Not.Contain("777333"));
    }

    [Test]
    public void The_configuration_is_printed_with_every_default()
    {
        string path = Write($$"""
            // The least that a configuration says.
            { "venue": "itch50", /* one line */ "udp": { "lines": [ {{Line}}, ], }, }
            """);
        JsonElement json = Check(path, out _);
        Assert.That(json.EnumerateObject().Select(p => p.Name), Is.EqualTo((string[])[
            "venue", "date", "symbols", "models", "contract", "sampling", "contract_hash", "inference", "topology", "pin", "background_pin", "fifo", "lock_memory", "suppress_suspect", "out", "record", "udp"]));
        Assert.That(json.GetProperty("contract").GetString(), Is.EqualTo("default"));
        Assert.That(json.GetProperty("sampling").GetString(), Is.EqualTo("every-event"));
        Assert.That(json.GetProperty("topology").GetString(), Is.EqualTo(Environment.ProcessorCount >= 4 ? "split" : "fused"));
        JsonElement udp = json.GetProperty("udp");
        Assert.That(udp.GetProperty("receive_buffer_bytes").GetInt64(), Is.EqualTo(33_554_432));
        Assert.That(udp.GetProperty("gap_wait_us").GetInt64(), Is.EqualTo(500));
        Assert.That(udp.GetProperty("wait").GetString(), Is.EqualTo(Environment.ProcessorCount > 1 ? "spin" : "park"));
        Assert.That(udp.TryGetProperty("request", out _), Is.False);
        Assert.That(udp.GetProperty("lines")[0].GetRawText(), Is.EqualTo("""{"name":"A","group":"239.192.7.1","port":26400,"interface":null,"source":null}"""));
    }

    [Test]
    public void What_is_printed_is_a_configuration_that_prints_itself()
    {
        string path = Write(Udp("""{ "name": "Ä \"1\"", "group": "239.192.7.1", "port": 26400, "interface": "lo", "source": "10.1.2.3" }""", """
            "gap_wait_us": 700, "wait": "park", "busy_poll_us": 50, "receive_buffer_bytes": 65536,
            "request": { "address": "10.0.0.1:26478", "timeout_ms": 7, "retries": 2 },
            "snapshot": { "address": "10.0.0.2:26479", "user": "colo", "password": "secret77" }
            """).Replace("\"udp\"", """
            "date": "2019-12-30", "symbols": ["B", "A", "B"], "contract": "snapshot", "sampling": "grid-100", "inference": "both", "topology": "split", "pin": [0],
            "background_pin": 0, "fifo": 5, "lock_memory": true, "suppress_suspect": true, "out": "somewhere", "record": "day.pcapng", "models": [], "udp"
            """, StringComparison.Ordinal));
        JsonElement json = Check(path, out string hash);
        Assert.That(json.GetRawText(), Does.Not.Contain("secret77").And.Not.Contain("password"));
        Assert.That(json.GetProperty("symbols").GetRawText(), Is.EqualTo("""["A","B"]"""));
        Assert.That(json.GetProperty("udp").GetProperty("snapshot").GetProperty("user").GetString(), Is.EqualTo("colo"));

        JsonElement again = Check(Write(json.GetRawText()), out string hashAgain);
        Assert.That(again.GetRawText(), Is.EqualTo(json.GetRawText()));
        Assert.That(hashAgain, Is.EqualTo(hash), "a password is no part of the hash");
        Check(Repository.Write(".json", [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(path)]), out string marked);
        Assert.That(marked, Is.EqualTo(hash), "a byte order mark in front says nothing");

        JsonNode other = JsonNode.Parse(json.GetRawText())!;
        other["udp"]!["gap_wait_us"] = 701;
        Check(Write(other.ToJsonString()), out string otherHash);
        Assert.That(otherHash, Is.Not.EqualTo(hash));
    }

    [Test]
    public void Checking_opens_nothing()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Any, 0));
        int port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        string recording = Repository.NewPath(".pcapng");
        string folder = Repository.NewPath("");
        string path = Write(Whole(LineText(port), $$""" "record": "{{recording}}", "out": "{{folder}}" """));
        Check(path, out _);
        Assert.That(Binary.Run("record", "--config", path, "--check-config", "--out", recording).ExitCode, Is.Zero);
        AssertFault(Binary.Run("live", "--config", path), 2, "another program holds this address and port");
        Assert.That(recording, Does.Not.Exist);
        Assert.That(folder, Does.Not.Exist);
    }

    /// <summary>A process for each of many cases would take the JIT form half a minute: there the same code is called here, and <see cref="A_refusal_is_one_line_of_a_process"/> stands for the rest.</summary>
    private void AssertConfigurationRefused(string path, params string[] words)
    {
        if (Binary.Name == EngineBinary.Native.Name)
        {
            AssertRefused(Binary.Run("live", "--config", path, "--check-config"), words);
        }

        HostException refused = Assert.Throws<HostException>(() => LiveConfiguration.Read(path));
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Message, Does.Not.Contain('\n'));
        foreach (string word in words)
        {
            Assert.That(refused.Message, Does.Contain(word));
        }
    }

    private JsonElement Check(string path, out string hash)
    {
        EngineRun run = Binary.Run("live", "--config", path, "--check-config");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.OutputLines, Has.Length.EqualTo(1), run.ToString);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1), run.ToString);
        Assert.That(run.Error, Does.Match("^engine: the configuration is sound, hash [0-9a-f]{64}\n$"));
        hash = run.Error.TrimEnd()[^64..];
        return JsonDocument.Parse(run.OutputLines[0]).RootElement;
    }

    private static string Write(string text) => Repository.Write(".json", new UTF8Encoding(false).GetBytes(text));

    private static string LineText(int port) => $$"""{ "name": "A", "group": "239.192.7.1", "port": {{port}}, "interface": "127.0.0.1" }""";

    private static string LineWith(string rest) => Whole($$"""{ "name": "A", "group": "239.192.7.1", {{rest}} }""");

    private static string Whole(string lines, string? more = null) =>
        $$"""{ "venue": "itch50", "udp": { "lines": [ {{lines}} ] }{{(more is null ? "" : $", {more}")}} }""";

    private static string Udp(string lines, string more) => $$"""{ "venue": "itch50", "udp": { "lines": [ {{lines}} ], {{more}} } }""";
}
