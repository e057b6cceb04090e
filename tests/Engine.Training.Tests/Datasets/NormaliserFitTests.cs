using Engine.Core.Numerics;
using Engine.Features;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Datasets;

public class NormaliserFitTests
{
    [Test]
    public void Finds_mean_and_deviation()
    {
        var fit = new NormaliserFit(2);
        var random = new SeededRandom(1);
        double[] values = Enumerable.Range(0, 10_000).Select(_ => (double)(float)(1e6 + random.NextNormal())).ToArray();
        foreach (double value in values)
        {
            fit.Add([(float)value, 3f]);
        }

        double mean = values.Average();
        Assert.That(fit.Mean()[0], Is.EqualTo((float)mean));
        Assert.That(fit.Deviation()[0], Is.EqualTo(Math.Sqrt(values.Average(v => (v - mean) * (v - mean)))).Within(1e-5));
        Assert.That(fit.Mean()[1], Is.EqualTo(3f));
        Assert.That(fit.Deviation()[1], Is.Zero, "a constant");
    }

    [Test]
    public void Leaves_out_and_counts_what_is_not_finite()
    {
        var fit = new NormaliserFit(3);
        fit.Add([1, float.NaN, float.NaN]);
        fit.Add([float.PositiveInfinity, 2, float.NaN]);
        fit.Add([3, 4, float.NegativeInfinity]);
        Assert.That(fit.Mean(), Is.EqualTo(new float[] { 2, 3, 0 }));
        Assert.That(fit.Deviation(), Is.EqualTo(new float[] { 1, 1, 0 }));
        Assert.That(fit.Missing.ToArray(), Is.EqualTo(new long[] { 1, 1, 3 }));
        Assert.That(fit.Count.ToArray(), Is.EqualTo(new long[] { 2, 2, 0 }));
    }

    [TestCase(1e-30f)]
    [TestCase(1e30f)]
    [TestCase(1e-44f)]
    public void What_it_finds_is_always_good_for_a_normaliser(float scale)
    {
        var fit = new NormaliserFit(1);
        var random = new SeededRandom(1);
        for (int i = 0; i < 100; i++)
        {
            fit.Add([(float)(scale * random.NextNormal())]);
        }

        var normaliser = new Normaliser(fit.Mean(), fit.Deviation());
        var output = new float[1];
        normaliser.Apply([scale], output);
        Assert.That(float.IsFinite(output[0]));
    }

    [Test]
    public void A_row_of_another_length_is_refused() =>
        Assert.That(() => new NormaliserFit(2).Add([1f]), Throws.ArgumentException);
}
