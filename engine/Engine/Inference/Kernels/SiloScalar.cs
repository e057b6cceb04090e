using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The silo kernel over <see cref="LanesScalar"/>.</summary>
internal sealed class SiloScalar(SiloNetwork network, bool incremental)
    : SiloRunner<LanesScalar, float>(network, Kernel.Scalar, incremental);
