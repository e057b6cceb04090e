using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The LSTM kernel over <see cref="LanesScalar"/>.</summary>
internal sealed class LstmScalar(LstmNetwork network)
    : LstmRunner<LanesScalar, float>(network, Kernel.Scalar);
