using Engine.Training.Losses;

namespace Engine.Training.Tests.Losses;

public class LossSpecTests
{
    [Test]
    public void Balanced_weights_make_both_classes_count_alike()
    {
        LossSpec loss = LossSpec.Balanced([1, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
        Assert.That((loss.PositiveWeight, loss.NegativeWeight), Is.EqualTo((2.5f, 0.625f)));
        Assert.That(() => LossSpec.Balanced([1, 1]), Throws.ArgumentException.With.Message.Contains("2 of 2"));
    }

    [Test]
    public void Cross_entropy_holds_far_out([Values(-200f, -30f, 0f, 30f, 200f)] float output, [Values(0f, 0.25f, 1f)] float label)
    {
        var loss = new LossSpec { Kind = LossKind.BinaryCrossEntropy };
        double expected = (label * Math.Log(1 + Math.Exp(-Math.Abs((double)output)))) + ((1 - label) * Math.Log(1 + Math.Exp(-Math.Abs((double)output))))
            + (output < 0 ? label * -output : (1 - label) * output);
        Assert.That(LossKernel.Of(loss, output, label, out float gradient), Is.EqualTo(expected).Within(1e-6 * Math.Max(1, expected)));
        Assert.That(gradient, Is.EqualTo((1 / (1 + Math.Exp(-(double)output))) - label).Within(1e-6));
    }

    [Test]
    public void Numbers_that_are_not_positive_are_refused()
    {
        Assert.That(() => new LossSpec { Delta = 0 }.Check(), Throws.ArgumentException);
        Assert.That(() => new LossSpec { PositiveWeight = float.NaN }.Check(), Throws.ArgumentException);
        Assert.That(() => new LossSpec { NegativeWeight = float.PositiveInfinity }.Check(), Throws.ArgumentException);
    }
}
