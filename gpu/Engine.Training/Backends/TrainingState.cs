namespace Engine.Training.Backends;

/// <summary>Everything that the next step of a session depends on, laid out as <see cref="Networks.ParameterTable"/> says.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="First">Adam's mean of gradients.</param>
/// <param name="Second">Adam's mean of squared gradients.</param>
/// <param name="Statistics">Running means, then running variances; empty without batch normalisation.</param>
public sealed record TrainingState(long Step, float[] Parameters, float[] First, float[] Second, float[] Statistics)
{
    /// <summary>The state before the first step.</summary>
    /// <param name="network">The network.</param>
    /// <param name="seed">Of the parameters.</param>
    public static TrainingState Begin(Networks.NetworkSpec network, ulong seed)
    {
        Networks.ParameterTable table = Networks.ParameterTable.Of(network);
        var statistics = new float[table.StatisticCount];
        statistics.AsSpan(statistics.Length / 2).Fill(1);
        return new TrainingState(0, Networks.ParameterDraw.Draw(network, seed), new float[table.Count], new float[table.Count], statistics);
    }

    /// <summary>Whether two states have the same bits.</summary>
    public bool SameBits(TrainingState other) =>
        Step == other.Step && Same(Parameters, other.Parameters) && Same(First, other.First) && Same(Second, other.Second) && Same(Statistics, other.Statistics);

    private static bool Same(float[] a, float[] b) =>
        a.AsSpan().SequenceEqual(b) && !a.Zip(b).Any(p => BitConverter.SingleToInt32Bits(p.First) != BitConverter.SingleToInt32Bits(p.Second));
}
