using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Export;

/// <summary>
/// A trained state as the network that the engine runs: without dropout, batch normalisation folded into the layer behind it, and a
/// sigmoid behind a logit.
/// </summary>
public static class TrainedNetwork
{
    /// <summary>A network that reads a row.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="state">What it came to.</param>
    /// <param name="loss">What it was trained for: a logit gets its sigmoid.</param>
    public static SiloNetwork Of(SiloSpec spec, TrainingState state, LossSpec loss)
    {
        ParameterTable table = ParameterTable.Of(spec);
        var silos = new List<Silo>();
        for (int s = 0; s < spec.Silos.Count; s++)
        {
            silos.Add(new Silo(spec.Silos[s].Family, spec.Silos[s].Features, Layers(table, state, $"silo{s}", spec.Silos[s].Layers)));
        }

        return new SiloNetwork(spec.FeatureCount, silos, spec.Direct, WithOutput(Layers(table, state, "fusion", spec.Fusion), loss));
    }

    /// <summary>A network that reads a window.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="state">What it came to.</param>
    /// <param name="loss">What it was trained for: a logit gets its sigmoid.</param>
    public static LstmNetwork Of(LstmSpec spec, TrainingState state, LossSpec loss)
    {
        ParameterTable table = ParameterTable.Of(spec);
        var layer = new LstmLayer(spec.Units, Values(table, state, "lstm.input"), Values(table, state, "lstm.recurrent"), Values(table, state, "lstm.bias"));
        List<DenseLayer> head = Layers(table, state, "head", spec.Head);
        if (spec.HasBatchNorm)
        {
            head[0] = Fold(head[0], Values(table, state, "norm.scale"), Values(table, state, "norm.offset"), state.Statistics);
        }

        return new LstmNetwork(spec.FeatureCount, spec.Features, spec.Steps, [layer], WithOutput(head, loss));
    }

    /// <summary>The bytes of the artefact of any network that is trained here.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="state">What it came to.</param>
    /// <param name="loss">What it was trained for.</param>
    /// <param name="description">What is said about it; golden outputs are computed from its rows.</param>
    /// <param name="withOnnxRuntime">Also have ONNX Runtime reproduce the golden vectors.</param>
    /// <exception cref="ArtefactException">The file would be refused, e.g. a weight is not finite.</exception>
    public static byte[] ToBytes(NetworkSpec spec, TrainingState state, LossSpec loss, ArtefactDescription description, bool withOnnxRuntime = true) => spec switch
    {
        SiloSpec silo => SiloExport.ToBytes(Of(silo, state, loss), description, withOnnxRuntime),
        LstmSpec lstm => LstmExport.ToBytes(Of(lstm, state, loss), description, withOnnxRuntime),
        _ => throw new ArgumentException($"{spec.GetType().Name} is no network that is trained here.", nameof(spec)),
    };

    private static float[] Values(ParameterTable table, TrainingState state, string name)
    {
        ParameterSlice slice = table[name];
        return state.Parameters[slice.Offset..(slice.Offset + slice.Count)];
    }

    private static List<DenseLayer> Layers(ParameterTable table, TrainingState state, string name, IReadOnlyList<DenseSpec> layers) =>
        [.. layers.Select((layer, i) => new DenseLayer(Values(table, state, $"{name}.dense{i}.weight"), Values(table, state, $"{name}.dense{i}.bias"), layer.Activation))];

    private static List<DenseLayer> WithOutput(List<DenseLayer> layers, LossSpec loss)
    {
        if (loss.IsLogit)
        {
            layers[^1] = new DenseLayer(layers[^1].Weights.ToArray(), layers[^1].Bias.ToArray(), Activation.Sigmoid);
        }

        return layers;
    }

    // As the artefact's page says: a = scale ÷ √(variance + ε); weight × a; bias + Σ weight × (offset − mean × a), in float64.
    private static DenseLayer Fold(DenseLayer layer, float[] scale, float[] offset, float[] statistics)
    {
        var weights = new float[layer.Weights.Length];
        double[] bias = [.. layer.Bias.ToArray().Select(b => (double)b)];
        for (int i = 0; i < layer.Inputs; i++)
        {
            double factor = scale[i] / Math.Sqrt(statistics[layer.Inputs + i] + BatchNorm.Epsilon);
            double shift = offset[i] - (statistics[i] * factor);
            for (int o = 0; o < layer.Outputs; o++)
            {
                int at = (i * layer.Outputs) + o;
                weights[at] = (float)(layer.Weights[at] * factor);
                bias[o] += layer.Weights[at] * shift;
            }
        }

        return new DenseLayer(weights, [.. bias.Select(b => (float)b)], layer.Activation);
    }
}
