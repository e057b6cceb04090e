using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Gpu;

/// <summary>LSTMs of odd sizes, and what their steps do.</summary>
internal static class GpuLstmCase
{
    /// <summary>Of every test, so that few programs are compiled.</summary>
    public const int BatchSize = 50;

    public static readonly LossSpec[] Losses =
    [
        new(), new() { Kind = LossKind.Huber, Delta = 0.7f }, new() { Kind = LossKind.BinaryCrossEntropy, PositiveWeight = 2.5f, NegativeWeight = 0.75f },
    ];

    /// <summary>Five units over seven ticks of three inputs, or as said.</summary>
    public static LstmSpec Network(bool hasNorm, float dropout = 0.25f, int units = 5, int inputs = 3, int steps = 7) => new()
    {
        FeatureCount = inputs + 1,
        Features = [.. Enumerable.Range(0, inputs).Select(i => (2 * i + 1) % (inputs + 1))],
        Steps = steps,
        Units = units,
        HasBatchNorm = hasNorm,
        Dropout = dropout,
        Head = [new DenseSpec(6, Activation.Relu, dropout), new DenseSpec(1)],
    };

    public static StepOptions Options(ulong seed, LossSpec? loss = null) => new() { Loss = loss ?? new(), BatchSize = BatchSize, Seed = seed };
}
