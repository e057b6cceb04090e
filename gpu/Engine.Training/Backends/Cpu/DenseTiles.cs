using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Training.Kernels;

namespace Engine.Training.Backends.Cpu;

/// <summary>Where dropout's random numbers of a step come from, and on what they are drawn.</summary>
/// <param name="Kernel">The instruction set.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Step">The training step.</param>
internal readonly record struct DropoutSource(Kernel Kernel, ulong Seed, uint Step);

/// <summary>Runs a plan's layers over tiles, forward and backward.</summary>
/// <remarks>SAFETY, for all of it: callers pass `tiles` × <see cref="DensePlan.TileStride"/> floats and all parameters.</remarks>
internal static unsafe class DenseTiles<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // A tile with a one in each row, for the sums that a bias's gradient is.
    private static readonly float[] s_ones = MakeOnes();

    /// <summary>The outputs from the inputs.</summary>
    /// <param name="plan">The layers.</param>
    /// <param name="arena">The tiles, inputs filled in.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="parameters">All of the network.</param>
    /// <param name="firstRow">Row of the batch of the first tile's first.</param>
    /// <param name="dropout">Null for none: prediction.</param>
    public static void Forward(DensePlan plan, float* arena, int tiles, float* parameters, int firstRow, DropoutSource? dropout)
    {
        // SAFETY: as said above.
        nint stride = plan.TileStride;
        if (dropout is { } inputs && plan.InputFactors >= 0)
        {
            int count = plan.Steps[0].Inputs;
            for (int t = 0; t < tiles; t++)
            {
                float* tile = arena + (t * stride);
                float* factors = Draw(tile, plan.InputFactors, inputs, 0, plan.InputThreshold, firstRow + (t * Tile.Rows), count);
                TileActivations<TLanes, TVector>.Forward(Inference.Networks.Activation.Identity, tile + (plan.Input * Tile.Rows), factors, count * Tile.Rows);
            }
        }

        foreach (DenseStep step in plan.Steps)
        {
            TileProduct<TLanes, TVector>.Run(
                parameters + step.Weights, step.Outputs, 1, parameters + step.Bias, arena + (step.X * Tile.Rows), step.Inputs,
                arena + (step.Y * Tile.Rows), step.Outputs, stride, tiles);
            for (int t = 0; t < tiles; t++)
            {
                float* tile = arena + (t * stride);
                float* factors = dropout is { } source && step.Factors >= 0
                    ? Draw(tile, step.Factors, source, step.Layer, step.Threshold, firstRow + (t * Tile.Rows), step.Outputs)
                    : null;
                TileActivations<TLanes, TVector>.Forward(step.Activation, tile + (step.Y * Tile.Rows), factors, step.Outputs * Tile.Rows);
            }
        }
    }

    /// <summary>The gradients of all parameters, and of the inputs where they are wanted, from those of the outputs.</summary>
    /// <param name="plan">The layers.</param>
    /// <param name="arena">The tiles as <see cref="Forward"/> left them in training, gradients of the output filled in.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="parameters">All of the network.</param>
    /// <param name="gradient">Like the parameters, from `firstParameter` on; those of the layers are overwritten.</param>
    /// <param name="firstParameter">The parameter that the gradient begins with.</param>
    public static void Backward(DensePlan plan, float* arena, int tiles, float* parameters, float* gradient, int firstParameter)
    {
        // SAFETY: as said above.
        nint stride = plan.TileStride;
        for (int s = plan.Steps.Count - 1; s >= 0; s--)
        {
            DenseStep step = plan.Steps[s];
            float kept = step.Factors < 0 ? 1 : 1 / new DropoutStream(0, 0, 0, step.Threshold).Scale;
            for (int t = 0; t < tiles; t++)
            {
                float* tile = arena + (t * stride);
                TileActivations<TLanes, TVector>.Backward(
                    step.Activation, tile + (step.Y * Tile.Rows), step.Factors < 0 ? null : tile + (step.Factors * Tile.Rows), kept,
                    tile + (step.D * Tile.Rows), step.Outputs * Tile.Rows);
            }

            float* d = arena + (step.D * Tile.Rows);
            if (step.InputGradient >= 0)
            {
                TileProduct<TLanes, TVector>.Run(
                    parameters + step.Weights + (step.Skip * step.Outputs), 1, step.Outputs, null, d, step.Outputs,
                    arena + (step.InputGradient * Tile.Rows), step.Inputs - step.Skip, stride, tiles);
            }

            TileGradient<TLanes, TVector>.Run(
                arena + (step.X * Tile.Rows), stride, step.Inputs, d, stride, step.Outputs, tiles, gradient + step.Weights - firstParameter);
            fixed (float* ones = s_ones)
            {
                TileGradient<TLanes, TVector>.Run(ones, 0, 1, d, stride, step.Outputs, tiles, gradient + step.Bias - firstParameter);
            }
        }

        for (int t = 0; t < tiles && plan.InputFactors >= 0; t++)
        {
            float* tile = arena + (t * stride);
            TileActivations<TLanes, TVector>.Backward(
                Inference.Networks.Activation.Identity, tile + (plan.Input * Tile.Rows), tile + (plan.InputFactors * Tile.Rows), 1,
                tile + (plan.InputGradient * Tile.Rows), plan.Steps[0].Inputs * Tile.Rows);
        }
    }

    private static float* Draw(float* tile, int slot, DropoutSource source, uint layer, uint threshold, int firstRow, int units)
    {
        float* factors = tile + (slot * Tile.Rows);
        new DropoutStream(source.Seed, source.Step, layer, threshold).Fill(source.Kernel, (uint)firstRow, units, factors);
        return factors;
    }

    private static float[] MakeOnes()
    {
        var ones = new float[Tile.Rows];
        ones.AsSpan().Fill(1);
        return ones;
    }
}
