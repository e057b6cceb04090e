using Engine.Training.Devices;

namespace Engine.Training.Backends.Gpu;

/// <summary>The kernels of an LSTM's program.</summary>
/// <param name="program">The program.</param>
/// <param name="hasNorm">Whether it has batch normalisation.</param>
/// <param name="isWide">Whether it is lstm_wide.cl's.</param>
internal sealed class LstmKernels(DeviceProgram program, bool hasNorm, bool isWide)
{
    /// <summary>Work items of a group of <see cref="Outer"/>.</summary>
    public const int OuterItems = 256;

    /// <summary>The windows' ticks.</summary>
    public DeviceKernel Ticks { get; } = program.Kernel("lstm_ticks");

    /// <summary>All steps forward.</summary>
    public DeviceKernel Forward { get; } = program.Kernel("lstm_forward");

    /// <summary>All steps back.</summary>
    public DeviceKernel Backward { get; } = program.Kernel("lstm_backward");

    /// <summary>The head, there and back.</summary>
    public DeviceKernel Head { get; } = program.Kernel("lstm_head");

    /// <summary>The head of predictions.</summary>
    public DeviceKernel Outputs { get; } = program.Kernel("lstm_outputs");

    /// <summary>Statistics of a batch; null without batch normalisation, as the three behind it.</summary>
    public DeviceKernel? Norm { get; } = hasNorm ? program.Kernel("lstm_norm") : null;

    /// <summary>Gradients of scales and offsets.</summary>
    public DeviceKernel? NormBack { get; } = hasNorm ? program.Kernel("lstm_norm_back") : null;

    /// <summary>Keeps running statistics.</summary>
    public DeviceKernel? NormKeep { get; } = hasNorm ? program.Kernel("lstm_norm_keep") : null;

    /// <summary>Running statistics as predictions use them.</summary>
    public DeviceKernel? NormRunning { get; } = hasNorm ? program.Kernel("lstm_norm_running") : null;

    /// <summary>Weights turned; null where they lie in registers, as the one behind it.</summary>
    public DeviceKernel? Turn { get; } = isWide ? program.Kernel("lstm_turn") : null;

    /// <summary>Sums of outer products.</summary>
    public DeviceKernel? Outer { get; } = isWide ? program.Kernel("lstm_outer") : null;
}
