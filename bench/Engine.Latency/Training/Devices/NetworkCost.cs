using Engine.Inference.Networks;
using Engine.Training.Networks;

namespace Engine.Latency.Training.Devices;

/// <summary>What a training step must do for each sample: the floor that a device's limits are held against.</summary>
/// <param name="Flops">Of the three products (forward, by input, by weight); a multiplication and an addition are two.</param>
/// <param name="Bytes">Of memory: what the way back needs of the way there, written and read once, and the features.</param>
internal sealed record NetworkCost(double Flops, double Bytes)
{
    private const int Products = 3;
    private const int TapeNumbers = 6;

    /// <summary>A network's.</summary>
    public static NetworkCost Of(NetworkSpec spec) => spec switch
    {
        LstmSpec lstm => new NetworkCost(
            2.0 * Products * ((lstm.Steps * 4.0 * lstm.Units * (lstm.Units + lstm.Features.Count)) + Dense(lstm.Units, lstm.Head)),
            sizeof(float) * lstm.Steps * ((2.0 * TapeNumbers * lstm.Units) + lstm.Features.Count)),
        SiloSpec silo => new NetworkCost(
            2.0 * Products * (silo.Silos.Sum(s => Dense(s.Features.Count, s.Layers)) + Dense(silo.Direct.Count + silo.Silos.Sum(s => s.Layers[^1].Outputs), silo.Fusion)),
            sizeof(float) * (silo.Direct.Count + silo.Silos.Sum(s => (double)s.Features.Count))),
        _ => throw new ArgumentException($"{spec.GetType().Name} is not measured.", nameof(spec)),
    };

    private static double Dense(int inputs, IReadOnlyList<DenseSpec> layers)
    {
        double products = 0;
        foreach (DenseSpec layer in layers)
        {
            products += (double)inputs * layer.Outputs;
            inputs = layer.Outputs;
        }

        return products;
    }
}
