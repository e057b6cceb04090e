using System.Runtime.CompilerServices;
using Engine.Core.Memory;
using Engine.Host.Replay;
using Engine.Host.Tests.Support;
using Engine.Inference;
using Engine.Inference.Artefacts;

namespace Engine.Host.Tests;

/// <summary>What the models of a run keep in memory, and for how long.</summary>
public class ModelSetTests
{
    private static readonly EngineLimits s_limits = new() { SiloInstruments = 64 };

    [Test]
    public void A_running_model_keeps_nothing_of_its_file()
    {
        using var set = ModelSet.Load([Repository.SampleModel]);
        WeakReference artefact = Start(set);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.That(artefact.IsAlive, Is.False);
        Assert.That(set.Files.Single().Bytes, Is.EqualTo(new FileInfo(Repository.SampleModel).Length), "what is told of it stays");
        Assert.That(set.Running, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_retired_model_is_freed_once_another_has_its_place()
    {
        using var set = ModelSet.Load([Repository.SampleModel]);
        set.Start("native", s_limits);
        Predictor first = set.Running[0].Predictor;
        long one = set.KeptBytes;
        PreparedSwap swap = set.PrepareAll([new SwapRequest(0, Repository.SampleModel, long.MaxValue, 3)]).Single();
        Assert.That(set.KeptBytes, Is.EqualTo(2 * one).And.Positive);
        var row = new float[first.FeatureCount];
        set.ReleaseRetired();
        Assert.That(() => first.Predict(row), Throws.Nothing, "it still predicts");
        swap.Applied(set.Running[0]);
        for (int i = 0; i < 2; i++)
        {
            set.ReleaseRetired();
            Assert.That(set.KeptBytes, Is.EqualTo(one));
        }

        Assert.That(() => first.Predict(row), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => swap.Next.Predictor.Predict(row), Throws.Nothing);
    }

    [Test]
    public void All_models_of_a_run_keep_no_more_than_its_limit_together()
    {
        using var alone = ModelSet.Load([Repository.SampleModel]);
        alone.Start("native", s_limits);
        EngineLimits limits = s_limits with { ModelBytes = (2 * alone.KeptBytes) - 1 };
        using var two = ModelSet.Load([Repository.SampleModel, Repository.SampleModel]);
        Assert.That(() => two.Start("native", limits), Throws.TypeOf<ArtefactException>().With.Message.StartsWith(Repository.SampleModel)
            .And.Message.Contains($"would keep {alone.KeptBytes} bytes").And.Message.Contains($"{alone.KeptBytes - 1} are left"));
        using var fitting = ModelSet.Load([Repository.SampleModel, Repository.SampleModel]);
        fitting.Start("native", limits with { ModelBytes = 2 * alone.KeptBytes });
        Assert.That((fitting.KeptBytes, fitting.MostBytes), Is.EqualTo((2 * alone.KeptBytes, 2 * alone.KeptBytes)));
        Assert.That(() => fitting.PrepareAll([new SwapRequest(0, Repository.SampleModel, long.MaxValue, 3)]), Throws.TypeOf<ArtefactException>(), "nor does one that is to take a place");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Start(ModelSet set)
    {
        var artefact = new WeakReference(set.Artefacts.Single());
        set.Start("native", s_limits);
        return artefact;
    }
}
