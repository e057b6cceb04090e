using System.Runtime.InteropServices;
using Engine.Training.Kernels;

namespace Engine.Training.Backends.Gpu;

/// <summary>What the host says of one network's step: `StepEntry` of step.cl, word by word.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpuStepEntry
{
    /// <summary>The step's first row in the row list.</summary>
    public int First;

    /// <summary>Rows; 0 where the network rests.</summary>
    public int Count;

    /// <summary>1 ÷ rows.</summary>
    public float Share;

    /// <summary>Steps done: a part of dropout's counter.</summary>
    public uint DropoutStep;

    /// <summary>Of the seed.</summary>
    public uint SeedLow;

    /// <summary>Of the seed.</summary>
    public uint SeedHigh;

    /// <summary>Of Huber's loss.</summary>
    public float Delta;

    /// <summary>Of a row of class 1.</summary>
    public float PositiveWeight;

    /// <summary>Of a row of class 0.</summary>
    public float NegativeWeight;

    /// <summary>Of the optimiser; the scale of the gradient is worked out on the device.</summary>
    public AdamStep Adam;

    /// <summary>The entry of a step.</summary>
    /// <param name="options">What the network's steps do.</param>
    /// <param name="stepsDone">Steps before it.</param>
    /// <param name="first">Its first row in the row list.</param>
    /// <param name="count">Its rows, at least 1.</param>
    /// <param name="learningRate">Its rate.</param>
    public static GpuStepEntry Of(StepOptions options, long stepsDone, int first, int count, double learningRate) => new()
    {
        First = first,
        Count = count,
        Share = 1f / count,
        DropoutStep = (uint)stepsDone,
        SeedLow = (uint)options.Seed,
        SeedHigh = (uint)(options.Seed >> 32),
        Delta = options.Loss.Delta,
        PositiveWeight = options.Loss.PositiveWeight,
        NegativeWeight = options.Loss.NegativeWeight,

        // The last word is the bound here, and becomes a scale where the norm is known.
        Adam = AdamStep.Of(options.Optimiser, stepsDone + 1, learningRate, Math.Max(float.Epsilon, (float)options.Optimiser.ClipNorm)),
    };
}

/// <summary>What came of one network's step: `StepOutcome` of step.cl, word by word.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpuOutcome
{
    /// <summary>Sum of the losses over the batch.</summary>
    public float Loss;

    /// <summary>What <see cref="Loss"/> lost in rounding.</summary>
    public float LossRest;

    /// <summary>Of the gradient.</summary>
    public float Norm;

    /// <summary>0 from the first step on that was not finite.</summary>
    public uint IsAlive;
}
