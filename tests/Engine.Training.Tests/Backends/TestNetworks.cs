using Engine.Inference.Networks;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Backends;

/// <summary>Small networks of odd sizes.</summary>
internal static class TestNetworks
{
    public static SiloSpec Silos(float dropout = 0) => new()
    {
        FeatureCount = 12,
        Direct = [0, 7],
        Silos =
        [
            new SiloBranch("a", [1, 2, 3], [new DenseSpec(5, Activation.Relu, dropout), new DenseSpec(2)]),
            new SiloBranch("b", [11, 4, 5, 6, 8, 9, 10], [new DenseSpec(9, Activation.Tanh, dropout), new DenseSpec(6, Activation.Sigmoid), new DenseSpec(1)]),
            new SiloBranch("c", [3], [new DenseSpec(1, Activation.Tanh)]),
        ],
        Fusion = [new DenseSpec(7, Activation.Relu, dropout), new DenseSpec(1)],
    };

    public static LstmSpec Lstm(int units, int steps, bool hasNorm, float dropout = 0) => new()
    {
        FeatureCount = 4,
        Features = [2, 0, 3],
        Steps = steps,
        Units = units,
        HasBatchNorm = hasNorm,
        Dropout = dropout,
        Head = [new DenseSpec(6, Activation.Relu, dropout), new DenseSpec(1)],
    };

    /// <summary>Every kind of network, by name.</summary>
    public static NetworkSpec Of(string name) => name switch
    {
        "linear" => SiloSpec.Linear(5),
        "perceptron" => SiloSpec.Mlp(6, [17, 4], Activation.Tanh, 0.3f),
        "silos" => Silos(),
        "silos, dropout" => Silos(0.4f),
        "lstm 5" => Lstm(5, 4, hasNorm: false),
        "lstm 16, one step" => Lstm(16, 1, hasNorm: true),
        "lstm 20, norm" => Lstm(20, 3, hasNorm: true),
        "lstm 20, norm, dropout" => Lstm(20, 3, hasNorm: true, 0.25f),
        _ => throw new ArgumentException(name),
    };
}
