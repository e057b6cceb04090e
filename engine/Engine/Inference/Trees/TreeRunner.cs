using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>
/// Runs a packed ensemble, group by group: a rank for each column, then all trees from root to leaf. Every decision is an exact
/// comparison, tree i is folded into lane i mod 8 in tree order, and the lanes are folded pairwise: so all kernels give the same
/// bits.
/// </summary>
internal sealed unsafe class TreeRunner<TRanks, TWalk, TFold> : TreeKernel
    where TRanks : struct, ITreeRanks
    where TWalk : struct, ITreeWalk
    where TFold : struct, ITreeFold
{
    private readonly PackedMemory _memory = new();
    private readonly TreeLayout _layout;
    private readonly TreeScratch _scratch;
    private readonly int _features;
    private readonly float _divisor;
    private readonly float _base;
    private readonly float _scale;
    private readonly Activation _activation;

    /// <param name="ensemble">What to run.</param>
    /// <exception cref="ArgumentException">The ensemble does not fit the layout's limits.</exception>
    public TreeRunner(TreeEnsemble ensemble)
    {
        try
        {
            _layout = TreeLayout.Pack(ensemble, TFold.Neutral, _memory);
        }
        catch
        {
            _memory.Dispose();
            throw;
        }

        _scratch = new TreeScratch(_memory);
        _features = ensemble.FeatureCount;
        _divisor = ensemble.Aggregate == TreeAggregate.Average ? ensemble.Trees.Count : 1;
        _base = ensemble.BaseValue;
        _scale = ensemble.Scale;
        _activation = ensemble.Activation;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Run(float* row)
    {
        // SAFETY: there are eight lanes.
        float* lanes = _scratch.Lanes;
        new Span<float>(lanes, TreeBatch.Trees).Fill(TFold.Neutral);
        bool anyNan = TRanks.AnyNan(row, _features);
        foreach (ref readonly TreeGroup group in _layout.Groups.AsSpan())
        {
            Rank(in group, row);
            if (anyNan && Mark(in group, row))
            {
                TWalk.Walk<TFold, SomethingMissing>(_layout, in group, in _scratch);
            }
            else
            {
                TWalk.Walk<TFold, NothingMissing>(_layout, in group, in _scratch);
            }
        }

        float aggregate = TFold.Fold(
            TFold.Fold(TFold.Fold(lanes[0], lanes[1]), TFold.Fold(lanes[2], lanes[3])),
            TFold.Fold(TFold.Fold(lanes[4], lanes[5]), TFold.Fold(lanes[6], lanes[7])));
        float output = Activations<LanesScalar, float>.Apply(_activation, ((aggregate / _divisor) + _base) * _scale);

        // The memory must not be finalized while pointers into it are in use.
        GC.KeepAlive(this);
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Rank(ref readonly TreeGroup group, float* row)
    {
        // SAFETY: the layout's columns name features of the row, have sixteen pivots each and the buckets that these lead to; a
        // group has at most 256.
        TreeColumn* column = _layout.Columns + group.FirstColumn;
        float* pivots = _layout.Pivots + ((nint)group.FirstColumn * 16);
        byte* rank = _scratch.Ranks;
        byte* end = rank + group.NanIsNo;
        for (; rank != end; rank++, column++, pivots += 16)
        {
            *rank = RankOf(pivots, column->Thresholds, LanesScalar.Min(row[column->Feature], float.PositiveInfinity));
        }

        // Nothing is below NaN, so that its rank is 0.
        end += group.NanIsYes + group.NanIsMixed;
        for (; rank != end; rank++, column++, pivots += 16)
        {
            *rank = RankOf(pivots, column->Thresholds, row[column->Feature]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte RankOf(float* pivots, float* thresholds, float value)
    {
        // SAFETY: at most 15 pivots are below, and there is a bucket of thresholds for each of them and one more.
        nint bucket = TRanks.Below(pivots, value) << 4;
        return (byte)(bucket + TRanks.Below(thresholds + bucket, value));
    }

    // Marks the columns that are NaN, of those whose questions NaN answers one way and the other; says whether there are any.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Mark(ref readonly TreeGroup group, float* row)
    {
        // SAFETY: as in Rank.
        int first = group.NanIsNo + group.NanIsYes;
        bool any = false;
        new Span<byte>(_scratch.Missing, TreeColumns.MaxColumns).Clear();
        for (int c = first; c < first + group.NanIsMixed; c++)
        {
            bool nan = float.IsNaN(row[_layout.Columns[group.FirstColumn + c].Feature]);
            any |= nan;
            _scratch.Missing[c] = nan ? byte.MaxValue : (byte)0;
        }

        return any;
    }
}
