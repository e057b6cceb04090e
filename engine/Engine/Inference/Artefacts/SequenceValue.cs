using Engine.Inference.Artefacts.Onnx;

namespace Engine.Inference.Artefacts;

/// <summary>What a dimension of a value in a sequence graph counts.</summary>
internal enum SequenceAxis
{
    /// <summary>Nothing: the batch or the direction, of length 1.</summary>
    One,

    /// <summary>The ticks of the window, oldest first.</summary>
    Step,

    /// <summary>The features of a tick, or the units of a layer.</summary>
    Feature,
}

/// <summary>A value on its way between the graph's input, its LSTM nodes and the head: where it comes from and how it lies.</summary>
/// <param name="Source">The LSTM node that made it; null for the graph's input.</param>
/// <param name="Axes">Its dimensions. Without <see cref="SequenceAxis.Step"/> it is of the last step alone.</param>
/// <param name="Features">Of the graph's input: indices into the row, in the value's order. Of an LSTM: its units.</param>
/// <param name="Steps">Ticks of the window.</param>
internal sealed record SequenceValue(NodeProto? Source, SequenceAxis[] Axes, int[] Features, int Steps)
{
    /// <summary>Most dimensions of a value.</summary>
    public const int MaxRank = 8;

    /// <summary>Whether it is one step's, not every step's.</summary>
    public bool IsLast => !Axes.Contains(SequenceAxis.Step);

    /// <summary>Whether it lies as an LSTM node of a layout reads it.</summary>
    /// <param name="isBatchFirst">Layout 1.</param>
    public bool IsInput(bool isBatchFirst) => Axes is [var first, var second, SequenceAxis.Feature]
        && (first, second) == (isBatchFirst ? (SequenceAxis.One, SequenceAxis.Step) : (SequenceAxis.Step, SequenceAxis.One));

    /// <summary>Whether it is one row, as a dense layer reads it: everything but its units has length 1.</summary>
    public bool IsRow => IsLast && Axes.Length > 0 && Axes[^1] == SequenceAxis.Feature && Axes.Count(a => a == SequenceAxis.Feature) == 1;

    /// <summary>Length of a dimension.</summary>
    public int Length(SequenceAxis axis) => axis switch
    {
        SequenceAxis.Step => Steps,
        SequenceAxis.Feature => Features.Length,
        _ => 1,
    };
}
