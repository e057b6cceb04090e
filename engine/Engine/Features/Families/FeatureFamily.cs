namespace Engine.Features.Families;

/// <summary>
/// One mechanism: a run of neighbouring columns that one formula fills. A silo of the model. A family that looks back keeps its state in
/// the instrument's own block of memory.
/// </summary>
internal abstract unsafe class FeatureFamily
{
    /// <summary>The columns, in order.</summary>
    public abstract IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>What makes its columns differ without its being told.</summary>
    public abstract Signals Reads { get; }

    /// <summary>What it is told of (<see cref="On"/>).</summary>
    public virtual Signals Listens => Signals.None;

    /// <summary>Lengths of its bucketed windows, ns: it is told when one of them goes on (<see cref="Roll"/>).</summary>
    public virtual IReadOnlyList<long> BucketedWindows => [];

    /// <summary>Bytes of state an instrument; zeros before <see cref="Start"/>.</summary>
    public virtual int StateBytes => 0;

    /// <summary>Prepares the state of a new instrument.</summary>
    public virtual void Start(byte* state)
    {
    }

    /// <summary>Takes note of something that happened.</summary>
    /// <param name="signal">One of <see cref="Listens"/>.</param>
    /// <param name="e">What happened.</param>
    /// <param name="state">The instrument's state.</param>
    /// <returns>Whether its columns may differ now.</returns>
    public virtual bool On(Signals signal, InstrumentEvent e, byte* state) => false;

    /// <summary>A window goes on from one bucket to a later one, before what happens there is told.</summary>
    /// <param name="state">The instrument's state.</param>
    /// <param name="window">Index into <see cref="BucketedWindows"/>.</param>
    /// <param name="from">Number of the bucket that ends.</param>
    /// <param name="to">Number of the bucket that begins: greater, or equal at the instrument's first event.</param>
    /// <param name="head">The instrument.</param>
    /// <returns>Whether its columns may differ now.</returns>
    public virtual bool Roll(byte* state, int window, long from, long to, in InstrumentHead head) => false;

    /// <summary>Writes the columns' raw values; NaN where the formula has no value.</summary>
    /// <param name="view">The instrument.</param>
    /// <param name="state">Its state.</param>
    /// <param name="output">As long as <see cref="Specs"/>.</param>
    public abstract void Write(in InstrumentView view, byte* state, Span<float> output);
}
