namespace Engine.TestKit.Training;

/// <summary>
/// Numbers in float64 that remember how they came about, so that the derivative of any of them by all others can be had: slow, plain,
/// and without a thought for any network.
/// </summary>
public sealed class Tape
{
    private readonly List<(int A, double ByA, int B, double ByB)> _origins = [];

    /// <summary>A number that comes from nowhere.</summary>
    public Traced Input(double value) => Add(value, -1, 0, -1, 0);

    /// <summary>The derivative of one number by every number before it.</summary>
    /// <param name="result">The number.</param>
    /// <returns>By <see cref="Traced.Index"/>.</returns>
    public double[] Derivatives(Traced result)
    {
        var by = new double[result.Index + 1];
        by[result.Index] = 1;
        for (int i = result.Index; i >= 0; i--)
        {
            (int a, double byA, int b, double byB) = _origins[i];
            if (a >= 0)
            {
                by[a] += by[i] * byA;
            }

            if (b >= 0)
            {
                by[b] += by[i] * byB;
            }
        }

        return by;
    }

    internal Traced Add(double value, int a, double byA, int b, double byB)
    {
        _origins.Add((a, byA, b, byB));
        return new Traced(this, _origins.Count - 1, value);
    }
}

/// <summary>A number on a tape.</summary>
/// <param name="Tape">The tape.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Value">The number.</param>
public readonly record struct Traced(Tape Tape, int Index, double Value)
{
    /// <summary>Sum.</summary>
    public static Traced operator +(Traced a, Traced b) => a.Tape.Add(a.Value + b.Value, a.Index, 1, b.Index, 1);

    /// <summary>Difference.</summary>
    public static Traced operator -(Traced a, Traced b) => a.Tape.Add(a.Value - b.Value, a.Index, 1, b.Index, -1);

    /// <summary>Product.</summary>
    public static Traced operator *(Traced a, Traced b) => a.Tape.Add(a.Value * b.Value, a.Index, b.Value, b.Index, a.Value);

    /// <summary>Product with a plain number.</summary>
    public static Traced operator *(Traced a, double b) => a.Tape.Add(a.Value * b, a.Index, b, -1, 0);

    /// <summary>Sum with a plain number.</summary>
    public static Traced operator +(Traced a, double b) => a.Tape.Add(a.Value + b, a.Index, 1, -1, 0);

    /// <summary>A function of this number whose value and slope are known.</summary>
    public Traced Map(double value, double slope) => Tape.Add(value, Index, slope, -1, 0);

    /// <summary>1 ÷ (1 + e^−x).</summary>
    public Traced Sigmoid()
    {
        double s = 1 / (1 + Math.Exp(-Value));
        return Map(s, s * (1 - s));
    }

    /// <summary>Hyperbolic tangent.</summary>
    public Traced Tanh()
    {
        double t = Math.Tanh(Value);
        return Map(t, 1 - (t * t));
    }

    /// <summary>max(0, x).</summary>
    public Traced Relu() => Value > 0 ? this : Map(0, 0);

    /// <summary>1 ÷ √x.</summary>
    public Traced InverseRoot() => Map(1 / Math.Sqrt(Value), -0.5 * Math.Pow(Value, -1.5));

    /// <summary>ln(1 + e^x).</summary>
    public Traced SoftPlus() => Map(Math.Max(Value, 0) + Math.Log(1 + Math.Exp(-Math.Abs(Value))), 1 / (1 + Math.Exp(-Value)));
}
