using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The silo kernel over <see cref="LanesScalar"/>.</summary>
internal sealed class SiloScalar(SiloNetwork network, int instruments)
    : SiloRunner<LanesScalar, RowsScalar, float>(network, Kernel.Scalar, instruments);
