using Engine.Features;
using Engine.Inference;
using Engine.Training.Baselines;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Baselines;

public class BaselineTests
{
    // Two instruments and two days; a label is known after its end.
    private static readonly TrainingData s_data = new()
    {
        Contract = new FeatureContract("test", [new FeatureSpec("f", "family", 0, "none")], "every-event"),
        Features = new float[8],
        Label = "return",
        Labels = [1, 2, 3, float.NaN, 5, 6, 7, 8],
        Times = [10, 11, 20, 30, 40, 45, 100, 110],
        Ends = [30, 25, 40, 40, 44, 90, 105, 115],
        Instruments = [0, 1, 0, 0, 0, 1, 0, 0],
        Symbols = ["A", "B"],
        Days = [0, 0, 0, 0, 0, 0, 1, 1],
        DayIds = ["a", "b"],
    };

    private static readonly int[] s_all = [.. Enumerable.Range(0, 8)];

    [Test]
    public void The_last_value_is_the_newest_label_whose_end_lies_before_the_row() =>
        Assert.That(Baseline.Predict(BaselineKind.LastValue, s_data, [], s_all), Is.EqualTo(new float[] { 0, 0, 0, 0, 1, 2, 0, 7 }));

    [Test]
    public void Zero_and_mean_are_that()
    {
        Assert.That(Baseline.Predict(BaselineKind.Zero, s_data, [0], s_all), Is.EqualTo(new float[8]));
        Assert.That(Baseline.Predict(BaselineKind.Mean, s_data, [0, 1, 5], [2, 3]), Is.EqualTo(new float[] { 3, 3 }));
        Assert.That(() => Baseline.Predict(BaselineKind.Mean, s_data, [], s_all), Throws.ArgumentException);
    }

    [Test]
    public void A_constant_is_a_network()
    {
        using var predictor = new NativeSiloPredictor(Baseline.Constant(3, 0.25f), Kernel.Scalar);
        Assert.That(predictor.Predict([7, float.MaxValue, -1]), Is.EqualTo(0.25f));
    }
}
