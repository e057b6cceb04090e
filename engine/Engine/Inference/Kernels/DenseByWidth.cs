using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Inference.Kernels;

/// <summary>Dense layers in the narrowest register that holds them: the same operations a lane, with less to load.</summary>
internal static unsafe class DenseByWidth<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>As <see cref="DenseBlocks{TLanes,TVector}.FourSilos"/>.</summary>
    // SAFETY: as for DenseBlocks.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FourSilos(ref readonly PackedLayer layer, int* silos)
    {
        if (TLanes.Count > 4 && layer.Stride == 4)
        {
            DenseBlocks<LanesFma128, Vector128<float>>.FourSilos(in layer, silos);
        }
        else if (TLanes.Count > 8 && layer.Stride == 8)
        {
            DenseBlocks<LanesAvx2, Vector256<float>>.FourSilos(in layer, silos);
        }
        else
        {
            DenseBlocks<TLanes, TVector>.FourSilos(in layer, silos);
        }
    }

    /// <summary>As <see cref="DenseBlocks{TLanes,TVector}.OneSilo"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OneSilo(ref readonly PackedLayer layer, int silo)
    {
        if (TLanes.Count > 4 && layer.Stride == 4)
        {
            DenseBlocks<LanesFma128, Vector128<float>>.OneSilo(in layer, silo);
        }
        else if (TLanes.Count > 8 && layer.Stride == 8)
        {
            DenseBlocks<LanesAvx2, Vector256<float>>.OneSilo(in layer, silo);
        }
        else
        {
            DenseBlocks<TLanes, TVector>.OneSilo(in layer, silo);
        }
    }
}
