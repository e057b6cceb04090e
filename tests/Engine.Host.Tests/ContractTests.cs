using System.Text;
using System.Text.Json;
using Engine.Features.Contracts;
using Engine.Host.Tests.Support;
using Engine.Lab;

namespace Engine.Host.Tests;

/// <summary>A contract from a file: its rows, its model, its log and the proof of it; and how a wrong one is refused wherever it is named.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class ContractTests(EngineBinary engine) : EngineTests(engine)
{
    private const string Mine = """
        {
          // Two moves of the mid-price, and what flowed at the touch.
          "name": "mine", "sampling": "grid-250",
          "families": [
            { "family": "return", "windows_ms": [250, 2000] },
            { "family": "order_flow_imbalance", "levels": 2, "windows_ms": [1500] },
            { "family": "buy_volume", "windows_ms": [40] },
            "health",
          ],
        }
        """;

    private static readonly string[] s_columns =
    [
        "return_0.250000", "return_2.000000", "order_flow_imbalance_level0_1.500000", "order_flow_imbalance_level1_1.500000",
        "buy_volume_0.040000", "staleness", "gap_age", "trust",
    ];

    private static readonly Lazy<string> s_mine = new(() => Write(Mine));
    private static readonly Lazy<string> s_model = new(() => Seeded(s_mine.Value));

    [Test]
    public void Rows_are_those_of_the_file()
    {
        EngineRun run = Binary.Run("features", SampleRuns.SmallCapture, "--contract", s_mine.Value);
        CsvTable rows = CsvTable.Of(run);
        Assert.That(rows.Header[3..], Is.EqualTo(s_columns));
        Assert.That(rows.Rows, Has.Length.GreaterThan(50));
        Assert.That(rows.Column("time_ns").Select(long.Parse), Has.All.Matches<long>(t => t % 250_000_000 == 0));
        Assert.That(run.Error, Does.Contain($" rows of contract mine {Hash(s_mine.Value)}, grid-250"));
        EngineRun other = Binary.Run("features", SampleRuns.SmallCapture, "--contract", s_mine.Value, "--sampling", "every-2", "-n", "1");
        Assert.That(other.Error, Does.Contain("every-2").And.Not.Contain(Hash(s_mine.Value)), other.ToString);
    }

    [Test]
    public void A_wrong_contract_is_refused_wherever_it_is_named()
    {
        string wrong = Write("""{ "name": "t", "families": ["helth"] }""");
        string words = $"{wrong}: families[0] is 'helth', which is no family; did you mean health?";
        AssertRefused(Binary.Run("features", SampleRuns.SmallCapture, "--contract", wrong), $"--contract: {words}");
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--contract", wrong), $"--contract: {words}");
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", s_model.Value, "--contract", wrong), $"--contract: {words}");
        AssertRefused(Binary.Run("inspect", wrong), words);
        AssertRefused(Binary.Run("live", "--config", Configuration($"\"contract\": \"{wrong}\""), "--check-config"), $"contract is wrong: {words}");
        AssertRefused(Binary.Run("inspect", "/nowhere/mine.json"), "/nowhere/mine.json does not exist; check the path");
        (int exit, string error) = Lab("seed-model", SampleRuns.SmallCapture, "--contract", wrong, "-o", Repository.NewPath(".onnx"));
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Is.EqualTo($"lab seed-model: --contract: {words}\n"));
    }

    [Test]
    public void A_log_of_the_files_model_is_proven_without_the_file()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_model.Value, SampleRuns.SmallCapture);
        Assert.That(run.Text("contract_hash"), Is.EqualTo(Hash(s_mine.Value)));
        Assert.That(run.Number("predictions"), Is.GreaterThan(50));
        JsonElement head = SampleRuns.Summary(Binary.Run("inspect", run.LogPath, "--json")).GetProperty("head");
        Assert.That(head.GetProperty("contract_hash").GetString(), Is.EqualTo(Hash(s_mine.Value)));
        Assert.That(head.GetProperty("configuration").GetProperty("contract").GetString(), Is.EqualTo("mine"));
        Assert.That(head.GetProperty("configuration").GetProperty("sampling").GetString(), Is.EqualTo("grid-250"));
        EngineRun verify = Binary.Run("verify", run.LogPath, SampleRuns.SmallCapture, "--model", s_model.Value);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
        Assert.That(verify.Output, Does.Contain(": verified: "));
    }

    [Test]
    public void A_contract_beside_a_model_must_be_the_models()
    {
        string model = s_model.Value;
        ReplayRun same = SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture, "--contract", s_mine.Value, "--sampling", "grid-250");
        Assert.That(same.Log, Is.EqualTo(SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture).Log));
        AssertOtherRefused("the contract asked for, small with every-event", "feature 0: 'ask_distance_level0'", "'return_0.250000'", "--contract", "small");
        AssertOtherRefused("mine with every-2", "sampling: 'every-2' here, 'grid-250' there", model, "--sampling", "every-2");
        AssertOtherRefused("yours with grid-250", "contract name: 'yours' here, 'mine' there", model, "--contract", Write(Mine.Replace("\"mine\"", "\"yours\"", StringComparison.Ordinal)));
    }

    [Test]
    public void Models_of_every_contract_of_the_engine_run([ValueSource(typeof(ContractDefinition), nameof(ContractDefinition.Names))] string name)
    {
        string model = Seeded(name);
        ReplayRun run = SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture, "--contract", name);
        Assert.That(run.Text("contract_hash"), Is.EqualTo(Hash(name)));
        Assert.That(run.Number("predictions"), Is.EqualTo(run.Number("rows")).And.GreaterThan(1_000));
    }

    [Test]
    public void A_live_configuration_says_which_contract_it_means()
    {
        JsonElement json = Check(Configuration($"\"contract\": \"{s_mine.Value}\""));
        Assert.That(json.GetProperty("contract").GetString(), Is.EqualTo(s_mine.Value));
        Assert.That(json.GetProperty("sampling").GetString(), Is.EqualTo("grid-250"));
        Assert.That(json.GetProperty("contract_hash").GetString(), Is.EqualTo(Hash(s_mine.Value)));
        Assert.That(Check(Write(json.GetRawText())).GetRawText(), Is.EqualTo(json.GetRawText()), "what is printed is a configuration");

        JsonElement model = Check(Configuration($"\"models\": [\"{s_model.Value}\"]"));
        Assert.That(model.GetProperty("contract").ValueKind, Is.EqualTo(JsonValueKind.Null), "the model brings it");
        AssertRefused(Binary.Run("live", "--config", Configuration($"\"models\": [\"{s_model.Value}\"], \"contract\": \"small\""), "--check-config"),
            "the contract asked for, small with every-event", s_model.Value, "feature 0: ");
    }

    [Test]
    public void Inspect_explains_a_contract()
    {
        EngineRun run = Binary.Run("inspect", s_mine.Value, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.OutputLines[0], Is.EqualTo($"{s_mine.Value}: feature contract mine, 8 columns of 4 families"));
        Assert.That(run.Output, Does.Contain($"hash           {Hash(s_mine.Value)}\n").And.Contain("sampling       grid-250\n"));
        Assert.That(run.Output, Does.Match(@"\n    0–1 +2  return +-  0\.25 2 s by 16ths +bps +10⁴ .*Dacorogna"));
        Assert.That(run.Output, Does.Match(@"\n    2–3 +2  order_flow_imbalance +2  1\.5 s by 16ths +shares .*Cont, Kukanov"));
        Assert.That(run.Output, Does.Match(@"\n    4 +1  buy_volume +-  0\.04 s exactly +shares "));
        JsonElement json = SampleRuns.Summary(run);
        Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("contract"));
        Assert.That(json.GetProperty("features").GetInt32(), Is.EqualTo(8));
        Assert.That(json.GetProperty("bytes_by_instrument").GetInt32(), Is.InRange(1_000, 10_000));
        JsonElement flow = json.GetProperty("families")[1];
        Assert.That(flow.GetProperty("windows_ns").GetRawText(), Is.EqualTo("[1500000000]"));
        Assert.That(flow.GetProperty("windows").GetString(), Is.EqualTo("bucketed"));
        Assert.That(CsvTable.Of(Binary.Run("inspect", s_mine.Value, "--format", "csv")).Column("name"), Is.EqualTo(s_columns));
        Assert.That(CsvTable.Of(Binary.Run("inspect", "default", "--format", "csv", "-n", "3")).Rows, Has.Length.EqualTo(3));
    }

    [Test]
    public void Inspect_explains_a_models_contract_as_it_does_the_file()
    {
        EngineRun model = Binary.Run("inspect", s_model.Value, "--json");
        EngineRun file = Binary.Run("inspect", s_mine.Value, "--json");
        string[] table = [.. file.OutputLines.SkipWhile(l => !l.StartsWith("  memory ", StringComparison.Ordinal)).SkipLast(1)];
        Assert.That(table, Has.Length.EqualTo(2 + 4));
        Assert.That(model.OutputLines.SkipLast(1).TakeLast(table.Length), Is.EqualTo(table));
        Assert.That(SampleRuns.Summary(model).GetProperty("families").GetRawText(), Is.EqualTo(SampleRuns.Summary(file).GetProperty("families").GetRawText()));
    }

    private void AssertOtherRefused(string first, string second, string third, params string[] options) =>
        AssertRefused(Binary.Run(["replay", SampleRuns.SmallCapture, "--model", s_model.Value, .. options]), first, second, third);

    private JsonElement Check(string path)
    {
        EngineRun run = Binary.Run("live", "--config", path, "--check-config");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static string Configuration(string more) =>
        Write($$"""{ "venue": "itch50", "udp": { "lines": [ { "name": "A", "group": "239.192.7.1", "port": 26400 } ] }, {{more}} }""");

    private static string Hash(string contract) => ContractDescription.Of(ContractDefinition.Load(contract)).Contract.Hash;

    private static string Seeded(string contract)
    {
        string path = Repository.NewPath(".onnx");
        (int exit, string error) = Lab("seed-model", SampleRuns.SmallCapture, "--contract", contract, "-o", path);
        Assert.That(exit, Is.Zero, error);
        return path;
    }

    private static (int Exit, string Error) Lab(params string[] arguments)
    {
        var error = new StringWriter();
        return (LabCommandLine.Run(arguments, TextWriter.Null, error), error.ToString());
    }

    private static string Write(string text) => Repository.Write(".json", Encoding.UTF8.GetBytes(text));
}
