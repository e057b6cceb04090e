using Engine.Training.Optimisation;

namespace Engine.Training.Tests.Optimisation;

public class LearningRateTests
{
    [Test]
    public void A_cosine_goes_from_the_rate_to_its_floor_behind_a_rise()
    {
        var rate = new LearningRate { Schedule = RateSchedule.Cosine, Rate = 0.1, FloorShare = 0.05, WarmUpSteps = 10 };
        Assert.That(Enumerable.Range(0, 10).Select(s => rate.At(s, 0, 110)), Is.EqualTo(Enumerable.Range(1, 10).Select(s => 0.1 * s / 10)).Within(1e-15));
        for (int step = 10; step <= 110; step++)
        {
            double expected = 0.1 * (0.05 + (0.95 * 0.5 * (1 + Math.Cos(Math.PI * (step - 10) / 100))));
            Assert.That(rate.At(step, 0, 110), Is.EqualTo(expected).Within(1e-14));
        }

        Assert.That(rate.At(5_000, 0, 110), Is.EqualTo(0.005).Within(1e-15));
    }

    [Test]
    public void Steps_cut_and_a_constant_stays()
    {
        var cuts = new LearningRate { Schedule = RateSchedule.Step, Rate = 1, StepEpochs = 3, StepFactor = 0.5 };
        Assert.That(Enumerable.Range(0, 8).Select(e => cuts.At(1_000, e, 0)), Is.EqualTo(new[] { 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25 }));
        Assert.That(new LearningRate { Rate = 0.2 }.At(99, 9, 100), Is.EqualTo(0.2));
    }

    [Test]
    public void What_makes_no_sense_is_refused()
    {
        Assert.That(() => new LearningRate { Rate = 0 }.Check(), Throws.ArgumentException);
        Assert.That(() => new LearningRate { Rate = double.NaN }.Check(), Throws.ArgumentException);
        Assert.That(() => new LearningRate { StepEpochs = 0 }.Check(), Throws.ArgumentException);
        Assert.That(() => new OptimiserSpec { Beta1 = 1 }.Check(), Throws.ArgumentException);
        Assert.That(() => new OptimiserSpec { ClipNorm = 0 }.Check(), Throws.ArgumentException);
        Assert.That(() => new OptimiserSpec { WeightDecay = double.NaN }.Check(), Throws.ArgumentException);
    }
}
