using Engine.Host.Tests.Support;
using Engine.Simulator;

namespace Engine.Host.Tests;

/// <summary>`--suppress-suspect`: what books that lost something would predict is withheld, and nothing else.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class SuppressionTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Lazy<string> s_lossy = new(WriteLossy);

    [Test]
    public void Predictions_of_suspect_books_are_withheld_and_counted()
    {
        ReplayRun all = SampleRuns.Of(Binary, s_lossy.Value);
        ReplayRun some = SampleRuns.Of(Binary, s_lossy.Value, "--suppress-suspect");
        Assert.That(all.Number("lost"), Is.Positive);
        Assert.That((all.Number("predictions_suppressed"), some.Number("predictions_suppressed")), Is.EqualTo((0L, all.Number("predictions") - some.Number("predictions"))));
        Assert.That(some.Number("predictions"), Is.Positive, "before the first loss books are good");

        string[] withheld = Rows(some);
        Assert.That(withheld, Has.None.Contains(",suspect,"));
        Assert.That(Rows(all).Where(r => !r.Contains(",suspect,", StringComparison.Ordinal)), Is.EqualTo(withheld), "the others are the same");
        Assert.That(some.Text("configuration_hash"), Is.Not.EqualTo(all.Text("configuration_hash")));
        EngineRun verify = Binary.Run("verify", some.LogPath, s_lossy.Value, "--model", Repository.SampleModel);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
    }

    private string[] Rows(ReplayRun run) => Binary.Run("inspect", run.LogPath, "--format", "csv").OutputLines[1..];

    private static string WriteLossy()
    {
        string path = Repository.NewPath(".pcap");
        using FileStream file = File.Create(path);
        Simulation.Run(new SimulationOptions { Seed = 78, Messages = 6_000, Instruments = 3, Loss = 0.001 }, file);
        return path;
    }
}
