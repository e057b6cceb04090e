using Engine.Core.Numerics;

namespace Engine.Training.Networks;

/// <summary>The parameters that training begins from.</summary>
public static class ParameterDraw
{
    /// <summary>
    /// Draws parameters: weights of dense layers uniform with half-width √(6 ÷ inputs) (He et al., 2015), of an LSTM √(6 ÷ (inputs + units))
    /// (Glorot and Bengio, 2010), of the last layer √(3 ÷ inputs); biases 0, but 1 for the forget gate (Gers, 2000); scales 1.
    /// </summary>
    /// <param name="spec">The network.</param>
    /// <param name="seed">The same seed gives the same bits.</param>
    public static float[] Draw(NetworkSpec spec, ulong seed)
    {
        ParameterTable table = ParameterTable.Of(spec);
        var random = new SeededRandom(seed);
        var parameters = new float[table.Count];
        int last = table.Slices.Count - 2;
        for (int i = 0; i < table.Slices.Count; i++)
        {
            ParameterSlice slice = table.Slices[i];
            Span<float> values = parameters.AsSpan(slice.Offset, slice.Count);
            bool isLstm = slice.Name.StartsWith("lstm.", StringComparison.Ordinal);
            if (slice.Inputs > 0)
            {
                Fill(values, Math.Sqrt(isLstm ? 6.0 / (slice.Inputs + slice.Outputs) : i == last ? 3.0 / slice.Inputs : 6.0 / slice.Inputs), random);
            }
            else if (slice.Name == "norm.scale")
            {
                values.Fill(1);
            }
            else if (slice.Name == "lstm.bias")
            {
                int units = slice.Count / 4;
                values.Slice(2 * units, units).Fill(1);
            }
        }

        return parameters;
    }

    private static void Fill(Span<float> values, double half, SeededRandom random)
    {
        foreach (ref float value in values)
        {
            value = (float)(half * ((2 * random.NextDouble()) - 1));
        }
    }
}
