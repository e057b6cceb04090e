using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The silo kernel over <see cref="LanesAvx512"/>.</summary>
internal sealed class SiloAvx512(SiloNetwork network, int instruments)
    : SiloRunner<LanesAvx512, RowsAvx512, Vector512<float>>(network, Kernel.Avx512, instruments);
