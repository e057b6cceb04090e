using System.Text.Json;
using System.Text.RegularExpressions;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>What the README shows is what the program takes.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class ReadmeTests(EngineBinary engine) : EngineTests(engine)
{
    [Test]
    public void Its_live_configuration_is_sound()
    {
        Match example = Regex.Match(File.ReadAllText(Repository.File("README.md")), "```jsonc\n(.*?)```", RegexOptions.Singleline);
        Assert.That(example.Success, "the README shows a configuration");
        string path = Repository.NewPath(".json");
        File.WriteAllText(path, example.Groups[1].Value.Replace("silo.onnx", Repository.SampleModel, StringComparison.Ordinal));
        EngineRun run = Binary.Run("live", "--config", path, "--check-config");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        JsonElement udp = JsonDocument.Parse(run.Output).RootElement.GetProperty("udp");
        Assert.That(udp.GetProperty("lines").GetArrayLength(), Is.EqualTo(2));
        Assert.That(udp.GetProperty("request").GetProperty("retries").GetInt32(), Is.EqualTo(5));
    }

    [Test]
    public void Its_commands_are_the_programs_own()
    {
        string readme = File.ReadAllText(Repository.File("README.md"));
        EngineRun help = Binary.Run("--help");
        foreach (Match row in Regex.Matches(readme, @"^\| `engine (\w+)", RegexOptions.Multiline))
        {
            Assert.That(help.Output, Does.Match($@"(?m)^\s+{row.Groups[1].Value}\b"), $"engine {row.Groups[1].Value}");
        }
    }
}
