using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The silo kernel over <see cref="LanesAvx2"/>.</summary>
internal sealed class SiloAvx2(SiloNetwork network, int instruments)
    : SiloRunner<LanesAvx2, RowsAvx2, Vector256<float>>(network, Kernel.Avx2, instruments);
