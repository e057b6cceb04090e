using Engine.Features;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;

namespace Engine.Inference;

/// <summary>
/// An ensemble on our own kernels: every member reads the raw row through its own normaliser, and the fusion makes one value of
/// theirs. The same bits on every instruction set.
/// </summary>
/// <remarks>
/// A member that is not ready (a window that is not full, an instrument without a state) says NaN, and then the prediction is NaN.
/// Every member takes every row, so that all are ready when the longest window is full.
/// </remarks>
public sealed class EnsemblePredictor : Predictor
{
    private readonly Predictor[] _members;
    private readonly Normaliser[] _normalisers;
    private readonly Fusion _fusion;
    private readonly float[] _row;
    private readonly float[] _values;

    private EnsemblePredictor(Predictor[] members, Normaliser[] normalisers, Fusion fusion, string kernel)
    {
        _members = members;
        _normalisers = normalisers;
        _fusion = fusion;
        Kernel = kernel;
        FeatureCount = normalisers[0].Count;
        _row = new float[FeatureCount];
        _values = new float[members.Length];
        Sequence = members.Select(m => m.Sequence).OfType<SequencePredictor>().MaxBy(s => s.Steps);
    }

    /// <inheritdoc/>
    public override string Kernel { get; }

    /// <inheritdoc/>
    public override int FeatureCount { get; }

    /// <summary>The member of the longest window, which decides when the ensemble is ready; null where every member reads a row.</summary>
    public override SequencePredictor? Sequence { get; }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> MemberValues => _values;

    /// <inheritdoc/>
    public override IReadOnlyList<Predictor> Members => _members;

    /// <inheritdoc/>
    public override long KeptBytes => _members.Sum(m => m.KeptBytes);

    /// <inheritdoc/>
    public override long Unkept => _members.Sum(m => m.Unkept);

    /// <summary>Makes the members' predictors.</summary>
    /// <param name="members">The members.</param>
    /// <param name="fusion">What makes one value of theirs.</param>
    /// <param name="kernel">The instruction set.</param>
    /// <param name="make">Makes the predictor of one.</param>
    internal static EnsemblePredictor Create(IReadOnlyList<ModelArtefact> members, Fusion fusion, Kernel kernel, Func<ModelArtefact, Predictor> make)
    {
        var predictors = new List<Predictor>();
        try
        {
            foreach (ModelArtefact member in members)
            {
                predictors.Add(make(member));
            }

            return new EnsemblePredictor([.. predictors], [.. members.Select(m => m.CreateNormaliser())], fusion, KernelChoice.Name(kernel));
        }
        catch
        {
            predictors.ForEach(p => p.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public override float Predict(ReadOnlySpan<float> normalised) => Predict(0, normalised);

    /// <inheritdoc/>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="normalised">The raw row: an ensemble's own normaliser changes nothing.</param>
    public override float Predict(int instrument, ReadOnlySpan<float> normalised)
    {
        for (int i = 0; i < _members.Length; i++)
        {
            _normalisers[i].Apply(normalised, _row);
            _values[i] = CanonicalBits.Of(_members[i].Predict(instrument, _row));
        }

        return CanonicalBits.Of(_fusion.Apply(_values));
    }

    /// <inheritdoc/>
    public override bool Background()
    {
        bool isMore = false;
        foreach (Predictor member in _members)
        {
            isMore |= member.Background();
        }

        return isMore;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BackgroundWork> MoveBackground() => [.. _members.SelectMany(m => m.MoveBackground())];

    /// <inheritdoc/>
    public override void Forget()
    {
        foreach (Predictor member in _members)
        {
            member.Forget();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Array.ForEach(_members, m => m.Dispose());
}
