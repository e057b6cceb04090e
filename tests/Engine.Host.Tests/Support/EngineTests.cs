namespace Engine.Host.Tests.Support;

/// <summary>A fixture that runs once for each form of the program.</summary>
public abstract class EngineTests(EngineBinary engine)
{
    /// <summary>The program.</summary>
    protected EngineBinary Binary { get; } = engine;

    [OneTimeSetUp]
    public void RequireTheBinary() => Binary.IgnoreUnlessAvailable();

    /// <summary>The run ended with this code, one line that reports the fault, and nothing that looks like a stack.</summary>
    protected static void AssertFault(EngineRun run, int exit, params string[] words)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exit), run.ToString);
        Assert.That(run.Faults, Has.Length.EqualTo(1), run.ToString);
        Assert.That(run.Error, Does.Not.Contain("   at ").And.Not.Contain("Exception").And.Not.Contain("internal error"), run.ToString);
        foreach (string word in words)
        {
            Assert.That(run.Faults[0], Does.Contain(word), run.ToString);
        }
    }

    /// <summary>As <see cref="AssertFault"/>, and nothing else was printed: the program refused to start.</summary>
    protected static void AssertRefused(EngineRun run, params string[] words)
    {
        AssertFault(run, 2, words);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1), run.ToString);
        Assert.That(run.Output, Is.Empty, run.ToString);
    }
}
