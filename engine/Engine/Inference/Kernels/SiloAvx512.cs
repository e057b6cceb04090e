using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The silo kernel over <see cref="LanesAvx512"/>.</summary>
internal sealed class SiloAvx512(SiloNetwork network, bool incremental)
    : SiloRunner<LanesAvx512, Vector512<float>>(network, Kernel.Avx512, incremental);
