using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Features on a CPU that has less. A native binary has what it was published for; the run-time compiler can be told to leave an instruction
/// set alone.</summary>
public class LesserCpuTests() : EngineTests(EngineBinary.Jit)
{
    [TestCase("avx512", "DOTNET_EnableAVX512", "DOTNET_EnableAVX512F")]
    [TestCase("avx2", "DOTNET_EnableAVX2")]
    public void A_CPU_with_less_gives_the_same_features(string kernel, params string[] switches)
    {
        Dictionary<string, string> off = switches.ToDictionary(s => s, _ => "0");
        EngineRun doctor = Binary.RunWith(off, "doctor", "--seconds", "0.01");
        string kernels = doctor.OutputLines.Single(l => l.StartsWith("  kernels ", StringComparison.Ordinal));
        Assert.That(kernels[..kernels.IndexOf(" in this build", StringComparison.Ordinal)], Does.Not.Contain(kernel), "the switch is heard");
        EngineRun less = Binary.RunWith(off, "features", SampleRuns.SmallCapture);
        EngineRun best = Binary.Run("features", SampleRuns.SmallCapture);
        Assert.That((less.ExitCode, best.ExitCode), Is.EqualTo((0, 0)), less.ToString);
        Assert.That(best.OutputLines, Has.Length.GreaterThan(1_000));
        Assert.That(string.Equals(less.Output, best.Output, StringComparison.Ordinal), "equal text");
    }
}
