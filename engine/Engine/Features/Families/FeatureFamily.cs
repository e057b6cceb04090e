namespace Engine.Features.Families;

/// <summary>
/// One mechanism: a run of neighbouring columns that one formula fills. A silo of the model. A family that looks back keeps its state in
/// the instrument's own block of memory.
/// </summary>
internal abstract class FeatureFamily
{
    /// <summary>The columns, in order.</summary>
    public abstract IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>What makes its columns differ without its being told.</summary>
    public virtual Signals Reads => Signals.None;

    /// <summary>What it is told of (<see cref="On"/>).</summary>
    public virtual Signals Listens => Signals.None;

    /// <summary>Sums over bucketed windows that it keeps; they move on by themselves.</summary>
    public virtual BucketedSums? Sums => null;

    /// <summary>Bytes of state an instrument beside <see cref="Sums"/>, a multiple of 8; zeros at first.</summary>
    public virtual int StateBytes => 0;

    /// <summary>Offset of its state in an instrument's block, bytes.</summary>
    public int StateAt { get; set; }

    /// <summary>Takes note of something that happened.</summary>
    /// <param name="signal">One of <see cref="Listens"/>.</param>
    /// <param name="e">What happened.</param>
    /// <returns>Whether its columns may differ now.</returns>
    public virtual bool On(Signals signal, InstrumentEvent e) => false;

    /// <summary>Writes the columns' raw values; <see cref="float.NaN"/> and no other NaN where the formula has no value, and no −0, so that equal
    /// rows have equal bits (<see cref="CanonicalBits"/>).</summary>
    /// <param name="view">The instrument.</param>
    /// <param name="output">As long as <see cref="Specs"/>.</param>
    public abstract void Write(in InstrumentView view, Span<float> output);
}
