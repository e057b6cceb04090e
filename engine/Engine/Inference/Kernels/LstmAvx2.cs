using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The LSTM kernel over <see cref="LanesAvx2"/>.</summary>
internal sealed class LstmAvx2(LstmNetwork network)
    : LstmRunner<LanesAvx2, Vector256<float>>(network, Kernel.Avx2);
