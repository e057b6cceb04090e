using Engine.Inference.Kernels;

namespace Engine.Inference.Networks;

/// <summary>What makes one value of several.</summary>
public enum FusionKind
{
    /// <summary>The weighted sum.</summary>
    Weighted,

    /// <summary>The sigmoid of the weighted sum.</summary>
    Logistic,
}

/// <summary>One value of several models' values: a sum that starts from the bias and takes the members in order, by a fused multiply-add each.</summary>
public sealed class Fusion
{
    /// <summary>Most members.</summary>
    public const int MaxMembers = 64;

    private readonly float[] _weights;

    /// <param name="kind">What follows the sum.</param>
    /// <param name="weights">One for each member, 2 to <see cref="MaxMembers"/>. Kept, not copied.</param>
    /// <param name="bias">What the sum starts from.</param>
    /// <exception cref="ArgumentException">Too few or too many, or a number that is not finite.</exception>
    public Fusion(FusionKind kind, float[] weights, float bias)
    {
        if (weights.Length is < 2 or > MaxMembers)
        {
            throw new ArgumentException($"A fusion of {weights.Length} members; 2 to {MaxMembers} are allowed.");
        }

        int bad = Array.FindIndex([.. weights, bias], w => !float.IsFinite(w));
        if (bad >= 0)
        {
            throw new ArgumentException(bad < weights.Length ? $"The fusion's weight {bad} is not finite." : "The fusion's bias is not finite.");
        }

        Kind = kind;
        _weights = weights;
        Bias = bias;
    }

    /// <summary>What follows the sum.</summary>
    public FusionKind Kind { get; }

    /// <summary>One for each member.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>What the sum starts from.</summary>
    public float Bias { get; }

    /// <summary>Fuses. NaN of any member, whatever its weight, gives NaN.</summary>
    /// <param name="members">As many as there are weights.</param>
    public float Apply(ReadOnlySpan<float> members)
    {
        float[] weights = _weights;
        float sum = Bias;
        for (int i = 0; i < weights.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(members[i], weights[i], sum);
        }

        return Kind == FusionKind.Logistic ? Activations<LanesScalar, float>.Sigmoid(sum) : sum;
    }
}
