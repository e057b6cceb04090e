using System.Runtime.CompilerServices;

namespace Engine.Features.Families;

/// <summary>
/// One mechanism: a run of neighbouring columns that one formula fills. A silo of the model. A family that looks back keeps its state in
/// the instrument's own block of memory.
/// </summary>
internal abstract unsafe class FeatureFamily
{
    /// <summary>The columns, in order.</summary>
    public abstract IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>What makes its columns differ without a word to it.</summary>
    public virtual Signals Reads => Signals.None;

    /// <summary>Sums over bucketed windows that it keeps; they move on by themselves.</summary>
    public virtual BucketedSums? Sums => null;

    /// <summary>Bytes of state an instrument beside <see cref="Sums"/>, a multiple of 8; zeros at first.</summary>
    public virtual int StateBytes => 0;

    /// <summary>Prepares the state of an instrument that is seen for the first time, and columns that <see cref="Write"/> leaves alone.</summary>
    /// <param name="block">The instrument's block.</param>
    public virtual void Begin(byte* block)
    {
    }

    /// <summary>Its bit among the families.</summary>
    public ulong Bit { get; set; }

    /// <summary>Offset of its first column in an instrument's block, bytes.</summary>
    public int ColumnsAt { get; set; }

    /// <summary>Its first column in a row.</summary>
    public int FirstColumn { get; set; }

    /// <summary>How many it has.</summary>
    public int ColumnCount { get; set; }

    /// <summary>Offset of its state in an instrument's block, bytes.</summary>
    public int StateAt { get; set; }

    /// <summary>Its columns in the row that an instrument keeps, where one that changed alone may be written at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Kept(byte* block)
    {
        // SAFETY: the row lies in the block, and has the columns of every family.
        return (float*)(block + ColumnsAt);
    }

    /// <summary>Its columns of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> In(Span<float> row) => row.Slice(FirstColumn, ColumnCount);

    /// <summary>Writes the columns' raw values; <see cref="float.NaN"/> and no other NaN where the formula has no value, and no −0, so that equal
    /// rows have equal bits (<see cref="CanonicalBits"/>).</summary>
    /// <param name="view">The instrument.</param>
    /// <param name="output">As long as <see cref="Specs"/>.</param>
    public abstract void Write(in InstrumentView view, Span<float> output);
}
