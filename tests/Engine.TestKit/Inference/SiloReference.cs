using Engine.Inference.Networks;

namespace Engine.TestKit.Inference;

/// <summary>A silo network in float64 with the class library's transcendentals: slow and plain.</summary>
public static class SiloReference
{
    /// <summary>The output for one row.</summary>
    /// <param name="network">The network.</param>
    /// <param name="row">Normalised features.</param>
    public static double Output(SiloNetwork network, ReadOnlySpan<float> row)
    {
        var fused = new List<double>();
        foreach (int index in network.Direct)
        {
            fused.Add(row[index]);
        }

        foreach (Silo silo in network.Silos)
        {
            var inputs = new double[silo.Features.Count];
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = row[silo.Features[i]];
            }

            fused.AddRange(silo.Layers.Aggregate(inputs, DenseReference.Layer));
        }

        return network.Fusion.Aggregate(fused.ToArray(), DenseReference.Layer)[0];
    }
}
