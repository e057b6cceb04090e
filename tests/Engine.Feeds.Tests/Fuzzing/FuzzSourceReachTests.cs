using Engine.Fuzz.Running;
using Engine.Fuzz.Targets;

namespace Engine.Feeds.Tests.Fuzzing;

/// <summary>The generators of files, recovery and books reach what they are for.</summary>
public class FuzzSourceReachTests
{
    [TestCase("binaryfile", 2)]
    [TestCase("dbn", 6)]
    [TestCase("lobster", 3)]
    [TestCase("bitmex", 4)]
    [TestCase("recovery", 30)]
    [TestCase("recording", 4)]
    [TestCase("books", 60)]
    public void Sources_reach_their_counters(string name, int batches, params string[] wanted)
    {
        var target = (IEventTarget)FuzzTargets.Named(name).Single();
        Dictionary<string, long> reach = target.Reach = [];
        for (ulong seed = 1; seed <= (ulong)batches; seed++)
        {
            target.Run(new FuzzBatch(seed, target.CasesPerBatch, 0, null));
        }

        TestContext.Out.WriteLine(string.Join(", ", reach.Where(one => one.Value > 0).Select(one => $"{one.Key} {one.Value:N0}")));
        Assert.That(reach.Where(one => one.Value > 0).Select(one => one.Key), Is.SupersetOf(wanted));
    }
}
