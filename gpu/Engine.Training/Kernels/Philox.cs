using System.Runtime.CompilerServices;
using Engine.Inference;

namespace Engine.Training.Kernels;

/// <summary>
/// Philox 4×32 with ten rounds (Salmon et al., SC 2011): random words that are a function of a counter and a key, so that every
/// backend draws the same ones in any order.
/// </summary>
/// <remarks>
/// Dropout's stream: key = seed (low word, high word); counter = (row of the batch, unit ÷ 8, layer, step). Of the four words of a counter,
/// unit mod 8 = 2w takes the low half of word w, 2w + 1 the high half. A unit is dropped where its half is below rate × 65,536.
/// </remarks>
internal static unsafe class Philox<TLanes, TWords>
    where TLanes : struct, IWordLanes<TWords>
    where TWords : struct
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>Four words for each lane's counter, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Draw(ulong key, ref TWords c0, ref TWords c1, ref TWords c2, ref TWords c3)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        TWords m0 = TLanes.Broadcast(Multiplier0), m1 = TLanes.Broadcast(Multiplier1);
        for (int round = 0; round < Rounds; round++)
        {
            TWords high0 = TLanes.MultiplyHigh(c0, m0), low0 = TLanes.MultiplyLow(c0, m0);
            TWords high1 = TLanes.MultiplyHigh(c2, m1), low1 = TLanes.MultiplyLow(c2, m1);
            c0 = TLanes.Xor(TLanes.Xor(high1, c1), TLanes.Broadcast(k0));
            c1 = low1;
            c2 = TLanes.Xor(TLanes.Xor(high0, c3), TLanes.Broadcast(k1));
            c3 = low0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
    }

    /// <summary>Dropout's factors for the units of a layer and the rows of a tile.</summary>
    /// <param name="stream">Seed, step and layer.</param>
    /// <param name="firstRow">Row of the batch of the tile's first.</param>
    /// <param name="units">Units.</param>
    /// <param name="factors">A slot a unit; room for a multiple of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factors(in DropoutStream stream, uint firstRow, int units, float* factors)
    {
        // SAFETY: the caller passes room for the units, rounded up to eight slots.
        for (int block = 0; block < (units + 7) / 8; block++)
        {
            float* to = factors + (block * 8 * Tile.Rows);
            for (int lane = 0; lane < Tile.Rows; lane += TLanes.Count)
            {
                TWords c0 = TLanes.Ascending(firstRow + (uint)lane);
                TWords c1 = TLanes.Broadcast((uint)block);
                TWords c2 = TLanes.Broadcast(stream.Layer);
                TWords c3 = TLanes.Broadcast(stream.Step);
                Draw(stream.Seed, ref c0, ref c1, ref c2, ref c3);
                TLanes.Factors(c0, stream.Threshold, stream.Scale, to + lane, to + lane + Tile.Rows);
                TLanes.Factors(c1, stream.Threshold, stream.Scale, to + lane + (2 * Tile.Rows), to + lane + (3 * Tile.Rows));
                TLanes.Factors(c2, stream.Threshold, stream.Scale, to + lane + (4 * Tile.Rows), to + lane + (5 * Tile.Rows));
                TLanes.Factors(c3, stream.Threshold, stream.Scale, to + lane + (6 * Tile.Rows), to + lane + (7 * Tile.Rows));
            }
        }
    }
}

/// <summary>Where dropout's random numbers of one layer and step come from.</summary>
/// <param name="Seed">The key.</param>
/// <param name="Step">The training step, from 0.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Threshold">Rate × 65,536, rounded.</param>
internal readonly record struct DropoutStream(ulong Seed, uint Step, uint Layer, uint Threshold)
{
    /// <summary>What a kept output is multiplied by: 65,536 ÷ (65,536 − threshold).</summary>
    public float Scale => 65_536f / (65_536 - Threshold);

    /// <summary>The threshold of a rate in [0, 1).</summary>
    public static uint ThresholdOf(float rate) => (uint)Math.Min(65_535, Math.Round((double)rate * 65_536));

    /// <summary>Dropout's factors on an instruction set: see <see cref="Philox{TLanes, TWords}.Factors"/>.</summary>
    // SAFETY: the caller passes room for the units, rounded up to eight slots.
    public unsafe void Fill(Kernel kernel, uint firstRow, int units, float* factors)
    {
        switch (kernel)
        {
            case Kernel.Avx512:
                Philox<WordsAvx512, System.Runtime.Intrinsics.Vector512<uint>>.Factors(this, firstRow, units, factors);
                break;
            case Kernel.Avx2:
                Philox<WordsAvx2, System.Runtime.Intrinsics.Vector256<uint>>.Factors(this, firstRow, units, factors);
                break;
            default:
                Philox<WordsScalar, uint>.Factors(this, firstRow, units, factors);
                break;
        }
    }
}
