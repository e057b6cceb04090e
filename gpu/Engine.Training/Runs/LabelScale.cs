using Engine.Training.Backends;
using Engine.Training.Datasets;
using Engine.Training.Networks;
using Engine.Inference.Networks;

namespace Engine.Training.Runs;

/// <summary>
/// Labels in units of their deviation: a return of a few basis points is far below what weights of the usual size say, and below what a
/// booster takes for a gain at all. Fitted on training rows only, and undone in the model's last layer, so that its file knows nothing of it.
/// </summary>
/// <param name="Mean">Mean of the training labels.</param>
/// <param name="Deviation">Their standard deviation; 1 where they are all the same.</param>
internal readonly record struct LabelScale(double Mean, double Deviation)
{
    /// <summary>Labels as they are.</summary>
    public static LabelScale None => new(0, 1);

    /// <summary>The scale of some rows.</summary>
    public static LabelScale Of(TrainingData data, ReadOnlySpan<int> train)
    {
        (double mean, double squares) = (0, 0);
        for (int i = 0; i < train.Length; i++)
        {
            double off = data.Labels[train[i]] - mean;
            mean += off / (i + 1);
            squares += off * (data.Labels[train[i]] - mean);
        }

        double deviation = train.IsEmpty ? 0 : Math.Sqrt(squares / train.Length);
        return new LabelScale(mean, deviation > 1e-12 * Math.Abs(mean) && (float)deviation > 0 ? deviation : 1);
    }

    /// <summary>The labels in units of the scale.</summary>
    public float[] Apply(float[] labels)
    {
        (double mean, double deviation) = (Mean, Deviation);
        return this == None ? labels : [.. labels.Select(y => (float)((y - mean) / deviation))];
    }

    /// <summary>A state whose network predicts labels as they are: its last layer takes the scale.</summary>
    public TrainingState Undo(NetworkSpec spec, TrainingState state)
    {
        if (this == None)
        {
            return state;
        }

        ParameterTable table = ParameterTable.Of(spec);
        (ParameterSlice weight, ParameterSlice bias) = (table.Slices[^2], table.Slices[^1]);
        float[] parameters = [.. state.Parameters];
        for (int i = weight.Offset; i < weight.Offset + weight.Count; i++)
        {
            parameters[i] = (float)(parameters[i] * Deviation);
        }

        parameters[bias.Offset] = (float)((parameters[bias.Offset] * Deviation) + Mean);
        return state with { Parameters = parameters };
    }

    /// <summary>Trees that predict labels as they are.</summary>
    public TreeEnsemble Undo(TreeEnsemble trees) => this == None ? trees
        : new TreeEnsemble(trees.FeatureCount, trees.Trees, trees.Aggregate, (float)(trees.BaseValue + (Mean / Deviation)), (float)(trees.Scale * Deviation), trees.Activation);
}
