using Engine.Core.Numerics;
using Engine.Inference.Kernels;

namespace Engine.Training.Losses;

/// <summary>The losses and their gradients, row by row, the same bits on every machine.</summary>
internal static class LossKernel
{
    /// <summary>The loss of one row.</summary>
    /// <param name="loss">Which.</param>
    /// <param name="output">The network's output.</param>
    /// <param name="label">What it should have been.</param>
    /// <param name="gradient">d loss / d output.</param>
    public static double Of(LossSpec loss, float output, float label, out float gradient)
    {
        switch (loss.Kind)
        {
            case LossKind.BinaryCrossEntropy:
                return CrossEntropy(loss, output, label, out gradient);
            case LossKind.Huber:
                float off = output - label;
                float bounded = Math.Clamp(off, -loss.Delta, loss.Delta);
                gradient = bounded;
                return bounded == off ? 0.5 * off * off : loss.Delta * (Math.Abs((double)off) - (0.5 * loss.Delta));
            default:
                float error = output - label;
                gradient = 2 * error;
                return (double)error * error;
        }
    }

    /// <summary>The prediction that an output stands for.</summary>
    public static float Prediction(LossSpec loss, float output) =>
        loss.IsLogit ? Activations<LanesScalar, float>.Sigmoid(output) : output;

    // With s(y) = ln(1 + e^y) = max(y, 0) + ln(1 + e^−|y|): −ln p = s(−y) and −ln(1 − p) = s(y).
    private static double CrossEntropy(LossSpec loss, float output, float label, out float gradient)
    {
        float p = Activations<LanesScalar, float>.Sigmoid(output);
        float one = loss.PositiveWeight * label;
        float zero = loss.NegativeWeight * (1 - label);
        gradient = (p * (one + zero)) - one;
        double tail = DeterministicMath.Log(1 + DeterministicMath.Exp(-Math.Abs((double)output)));
        return (one * (Math.Max(-output, 0) + tail)) + (zero * (Math.Max(output, 0) + tail));
    }
}
