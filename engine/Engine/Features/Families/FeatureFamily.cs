namespace Engine.Features.Families;

/// <summary>One mechanism: a run of neighbouring columns that one formula fills. A silo of the model.</summary>
public abstract class FeatureFamily
{
    /// <summary>The columns, in order.</summary>
    public abstract IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>Writes the columns' raw values; NaN where the formula has no value.</summary>
    /// <param name="view">The instrument's state.</param>
    /// <param name="output">As long as <see cref="Specs"/>.</param>
    public abstract void Write(BookView view, Span<float> output);
}
