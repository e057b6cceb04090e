using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// The last LSTM layer of a prepared step together with the head's first layer. Every number is made by the same operations in the
/// same order as when one layer follows the other; what differs is what goes on beside it.
/// </summary>
/// <remarks>
/// Exponentials and the head's sums are long chains of operations that wait for one another, so three blocks of units are under way
/// at once. A row of the exponentials' polynomials is followed by a row of the next block's weights and by two units' of the head:
/// <code>
///   stage b     gates of block b            six rows of five exponentials, then five divisions
///               tanh of the cells of b − 1  among them; its hidden state is then known
///               sums of block b + 1         a tick's input a row, the rest during the divisions
///               head's sums, units of b − 2 two a row
/// </code>
/// SAFETY, for all of it: as for LstmBlocks and DenseBlocks; the head's stride is what <typeparamref name="TSums"/> holds.
/// </remarks>
/// <typeparam name="TLanes">The instruction set.</typeparam>
/// <typeparam name="TVector">Its register.</typeparam>
/// <typeparam name="TSums">The head's sums.</typeparam>
internal static unsafe class LstmTick<TLanes, TVector, TSums>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TSums : struct, IHeadSums<TLanes, TVector>
{
    /// <summary>Runs both.</summary>
    /// <param name="layer">The LSTM layer.</param>
    /// <param name="prepared">Its prepared sums.</param>
    /// <param name="inputs">What goes into it on this tick.</param>
    /// <param name="cell">c.</param>
    /// <param name="nextCell">c'.</param>
    /// <param name="head">The head's first layer; its input is h'.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref readonly PackedLstm layer, float* prepared, float* inputs, float* cell, float* nextCell, ref readonly PackedLayer head)
    {
        // SAFETY: as said above.
        nint lanes = TLanes.Count;
        nint count = layer.Inputs;
        nint blocks = layer.Blocks;
        nint stride = head.Stride;
        SiloSlot slot = *head.Slots;
        float* headRow = slot.Weights + stride;
        float* taken = slot.Input;
        TSums headSums = default;
        headSums.Load(slot.Weights);
        float* rows = layer.Weights + ((nint)(1 + layer.Units) * (4 * lanes));
        GateSums<TLanes, TVector> next = default;
        next.Load(prepared);
        next.Add(rows, inputs, count);
        TVector c = TLanes.Broadcast(0f);
        for (nint block = 0; block < blocks; block++)
        {
            rows += layer.BlockFloats;
            prepared += 4 * lanes;
            GateSums<TLanes, TVector> gates = next;
            nint steps = 0;
            if (block + 1 < blocks)
            {
                next.Load(prepared);
                steps = count;
            }

            nint units = block > 1 ? lanes : 0;
            Stage(ref gates, ref c, ref next, rows, inputs, steps, ref headSums, headRow, stride, taken, units);
            taken += units;
            headRow += units * stride;
            nint at = block * lanes;
            if (block > 0)
            {
                float* hidden = slot.Input + at - lanes;
                TLanes.Store(hidden, TLanes.Multiply(TLanes.Load(hidden), c));
            }

            // Until its tanh is known, the output gate lies where the hidden state goes.
            c = TLanes.FusedMultiplyAdd(gates.F, TLanes.Load(cell + at), TLanes.Multiply(gates.I, gates.G));
            TLanes.Store(nextCell + at, c);
            TLanes.Store(slot.Input + at, gates.O);
        }

        float* last = slot.Input + ((blocks - 1) * lanes);
        TLanes.Store(last, TLanes.Multiply(TLanes.Load(last), Activations<TLanes, TVector>.Tanh(c)));
        Take(ref headSums, headRow, stride, taken, (nint)(slot.Input + layer.Units - taken));
        End(ref headSums, head.Activation, slot.Output, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Stage(
        ref GateSums<TLanes, TVector> gates, ref TVector c, ref GateSums<TLanes, TVector> next, float* rows, float* inputs, nint steps,
        ref TSums headSums, float* headRow, nint stride, float* hidden, nint units)
    {
        // SAFETY: as said above; the coefficients are data of the program itself, which the collector never moves.
        float* coefficients = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(ExpChain<TLanes, TVector>.Coefficients));
        GateChains<TLanes, TVector> chains = default;
        chains.Begin(in gates, c);
        nint step = 0;
        nint unit = 0;
        for (nint row = 0; row < ExpChain<TLanes, TVector>.Rows; row++)
        {
            chains.Row(TLanes.BroadcastFrom(coefficients + row));
            if (step < steps)
            {
                next.Add(rows, TLanes.BroadcastFrom(inputs + step));
                rows += 4 * TLanes.Count;
                step++;
            }

            if (unit < units)
            {
                headSums.Add(TLanes.BroadcastFrom(hidden + unit), headRow);
                headSums.Add(TLanes.BroadcastFrom(hidden + unit + 1), headRow + stride);
                headRow += 2 * stride;
                unit += 2;
            }
        }

        chains.End(ref gates, ref c);
        next.Add(rows, inputs + step, steps - step);
        Take(ref headSums, headRow, stride, hidden + unit, units - unit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(ref TSums headSums, float* row, nint stride, float* hidden, nint units)
    {
        // SAFETY: as said above.
        for (nint unit = 0; unit < units; unit++)
        {
            headSums.Add(TLanes.BroadcastFrom(hidden + unit), row);
            row += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End(ref TSums headSums, Activation activation, float* output, nint stride)
    {
        if (activation == Activation.Relu)
        {
            headSums.Relu();
        }

        headSums.Store(output);
        if (activation > Activation.Relu)
        {
            Activations<TLanes, TVector>.ApplyInPlace(activation, output, stride);
        }
    }
}
