using Engine.Core.Diagnostics;
using Engine.Features;
using Engine.Inference;

namespace Engine.Signals;

/// <summary>A model of the run: its normaliser, what runs it, and what that took.</summary>
/// <param name="Normaliser">Statistics of the training split.</param>
/// <param name="Predictor">The kernel or ONNX Runtime.</param>
public sealed record RunningModel(Normaliser Normaliser, Predictor Predictor)
{
    /// <summary>Number of the model in the run, which its predictions carry.</summary>
    public byte Number { get; init; }

    /// <summary>Of an ensemble: how many members it has; otherwise 0.</summary>
    public int Members { get; } = Predictor.MemberValues.Length;

    /// <summary>Normalising a row and running this model, ns.</summary>
    public LatencyHistogram Inference { get; } = new();

    /// <summary>From the packet's pick-up to the publication of this model's prediction, ns.</summary>
    public LatencyHistogram WireToPrediction { get; } = new();

    /// <summary>Forgets the times: the end of the warm-up.</summary>
    public void ResetTimes()
    {
        Inference.Reset();
        WireToPrediction.Reset();
    }
}
