using System.Runtime.Intrinsics;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>The LSTM kernel over <see cref="LanesAvx512"/>.</summary>
internal sealed class LstmAvx512(LstmNetwork network)
    : LstmRunner<LanesAvx512, Vector512<float>>(network, Kernel.Avx512);
