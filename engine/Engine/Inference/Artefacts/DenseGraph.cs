using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>Finds a chain of dense stages in a graph, by its structure and not by its names.</summary>
public static class DenseGraph
{
    /// <summary>Finds the network in a graph.</summary>
    /// <param name="graph">Any graph.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="network">The network, or null.</param>
    /// <param name="reason">Why there is none, or null.</param>
    public static bool TryRecognise(GraphProto graph, int featureCount, out DenseNetwork? network, out string? reason)
    {
        try
        {
            network = new DenseRecogniser(graph, featureCount).Recognise();
            reason = null;
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            network = null;
            reason = e.Message;
            return false;
        }
    }
}
