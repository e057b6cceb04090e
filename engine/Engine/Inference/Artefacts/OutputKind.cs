using Engine.Inference.Artefacts.Onnx;

namespace Engine.Inference.Artefacts;

/// <summary>Tells from a graph whether its output is a probability.</summary>
internal static class OutputKind
{
    /// <summary>
    /// Whether the output comes out of a Sigmoid, a Softmax or a tree classifier, picked or moved at most: then a decision is whether it
    /// is above one half, of any other output whether it is above 0.
    /// </summary>
    public static bool IsProbability(GraphProto graph)
    {
        string name = graph.Output.Count == 0 ? "" : graph.Output[0].Name;
        for (int step = 0; step <= graph.Node.Count; step++)
        {
            NodeProto? node = graph.Node.FirstOrDefault(n => n.Output.Contains(name));
            switch (node?.OpType)
            {
                case "Sigmoid" or "Softmax" or "TreeEnsembleClassifier":
                    return true;
                case "TreeEnsembleRegressor":
                    return node.Attribute.Any(a => a.Name == "post_transform" && a.S.ToStringUtf8() == "LOGISTIC");
                case "Identity" or "Gather" or "Slice" or "Squeeze" or "Unsqueeze" or "Reshape" or "Flatten" when node.Input.Count > 0:
                    name = node.Input[0];
                    break;
                default:
                    return false;
            }
        }

        return false;
    }
}
