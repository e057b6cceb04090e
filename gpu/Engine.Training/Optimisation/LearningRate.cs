namespace Engine.Training.Optimisation;

/// <summary>How the learning rate goes.</summary>
public enum RateSchedule
{
    /// <summary>The same all the time.</summary>
    Constant,

    /// <summary>Half a cosine from the rate down to the floor.</summary>
    Cosine,

    /// <summary>× factor after every so many epochs.</summary>
    Step,
}

/// <summary>The learning rate of each step; of any schedule the first steps may rise from 0 in a line.</summary>
public sealed record LearningRate
{
    /// <summary>Which schedule.</summary>
    public RateSchedule Schedule { get; init; }

    /// <summary>The highest rate.</summary>
    public double Rate { get; init; } = 1e-3;

    /// <summary>Where the cosine ends, as a share of <see cref="Rate"/>.</summary>
    public double FloorShare { get; init; } = 0.01;

    /// <summary>Steps of the rise; 0 for none.</summary>
    public int WarmUpSteps { get; init; }

    /// <summary>Epochs between two cuts of <see cref="RateSchedule.Step"/>.</summary>
    public int StepEpochs { get; init; } = 10;

    /// <summary>What a cut leaves.</summary>
    public double StepFactor { get; init; } = 0.5;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is outside its range.</exception>
    public void Check()
    {
        if (!(Rate > 0 && double.IsFinite(Rate) && FloorShare is >= 0 and <= 1 && WarmUpSteps >= 0 && StepEpochs > 0 && StepFactor is > 0 and <= 1))
        {
            throw new ArgumentException($"A learning rate of {Rate}, floor {FloorShare}, warm-up {WarmUpSteps}, cut by {StepFactor} every {StepEpochs} epochs makes no sense.");
        }
    }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    public double At(long step, int epoch, long totalSteps)
    {
        if (step < WarmUpSteps)
        {
            return Rate * (step + 1) / WarmUpSteps;
        }

        switch (Schedule)
        {
            case RateSchedule.Cosine:
                double part = totalSteps <= WarmUpSteps ? 1 : Math.Min(1, (double)(step - WarmUpSteps) / (totalSteps - WarmUpSteps));
                return Rate * (FloorShare + ((1 - FloorShare) * 0.5 * (1 + HalfCosine(part))));
            case RateSchedule.Step:
                double rate = Rate;
                for (int cut = 0; cut < epoch / StepEpochs; cut++)
                {
                    rate *= StepFactor;
                }

                return rate;
            default:
                return Rate;
        }
    }

    // cos(π x) on [0, 1] as −sin(π (x − ½)), whose series is cut after z^21: exact to double on |z| ≤ π ÷ 2.
    private static double HalfCosine(double x)
    {
        double z = Math.PI * (x - 0.5);
        double term = z, sum = z;
        for (int k = 3; k <= 21; k += 2)
        {
            term *= -z * z / (k * (k - 1));
            sum += term;
        }

        return -sum;
    }
}
