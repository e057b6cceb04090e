using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>
/// Runs a packed ensemble: a rank for each column, then eight trees at a time from root to leaf, and their values into the
/// aggregate in tree order. Every decision is an exact comparison and every sum has one order, so all kernels give the same bits.
/// </summary>
internal sealed unsafe class TreeRunner<TRanks, TWalk> : TreeKernel
    where TRanks : struct, ITreeRanks
    where TWalk : struct, ITreeWalk
{
    private const int Batch = TreeBlocks.Batch;

    private readonly PackedMemory _memory = new();
    private readonly TreeLayout _layout;
    private readonly byte* _ranks;
    private readonly ulong* _exits;
    private readonly int* _blocks;
    private readonly float* _values;
    private readonly TreeAggregate _aggregate;
    private readonly float _trees;
    private readonly float _base;
    private readonly float _scale;
    private readonly Activation _activation;

    /// <param name="ensemble">What to run.</param>
    /// <exception cref="ArgumentException">The ensemble does not fit the layout's limits.</exception>
    public TreeRunner(TreeEnsemble ensemble)
    {
        try
        {
            _layout = TreeLayout.Pack(ensemble, _memory);
        }
        catch
        {
            _memory.Dispose();
            throw;
        }

        _ranks = _memory.Bytes(TreeColumns.MaxColumns);
        _exits = _memory.Words(Batch);
        _blocks = _memory.Integers(new int[Batch]);
        _values = _memory.Floats(Batch);
        _aggregate = ensemble.Aggregate;
        _trees = ensemble.Trees.Count;
        _base = ensemble.BaseValue;
        _scale = ensemble.Scale;
        _activation = ensemble.Activation;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Run(float* row)
    {
        float aggregate = _aggregate switch
        {
            TreeAggregate.Min => float.PositiveInfinity,
            TreeAggregate.Max => float.NegativeInfinity,
            _ => 0,
        };
        int batch = 0;
        foreach (ref readonly TreeGroup group in _layout.Groups.AsSpan())
        {
            Rank(in group, row);
            aggregate = RunGroup(in group, ref batch, aggregate);
        }

        if (_aggregate == TreeAggregate.Average)
        {
            aggregate /= _trees;
        }

        float output = Activations<LanesScalar, float>.Apply(_activation, (aggregate + _base) * _scale);

        // The memory must not be finalized while pointers into it are in use.
        GC.KeepAlive(this);
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Rank(ref readonly TreeGroup group, float* row)
    {
        // SAFETY: the layout's columns name features of the row and have sixteen pivots and the buckets that ranks lead to.
        TreeColumn* column = _layout.Columns + group.FirstColumn;
        byte* rank = _ranks;
        byte* end = rank + group.NanBelow;
        for (; rank != end; rank++, column++)
        {
            *rank = RankOf(column->Pivots, LanesScalar.Max(row[column->Feature], float.NegativeInfinity));
        }

        end += group.NanAbove;
        for (; rank != end; rank++, column++)
        {
            *rank = RankOf(column->Pivots, LanesScalar.Min(row[column->Feature], float.PositiveInfinity));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte RankOf(float* pivots, float value)
    {
        // SAFETY: at most 15 pivots are below, and behind the pivots there is a bucket for each of them.
        nint bucket = TRanks.Below(pivots, value) << 4;
        return (byte)(bucket + TRanks.Below(pivots + 16 + bucket, value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float RunGroup(ref readonly TreeGroup group, ref int batch, float aggregate)
    {
        // SAFETY: a group's blocks are padded to whole batches; an exit is below 64.
        byte* questions = _layout.Questions + ((nint)group.FirstBlock * TreeBlocks.Bytes);
        float* leaves = (float*)(_layout.Exits + ((nint)group.FirstBlock * TreeBlocks.Exits));
        ulong* exits = _exits;
        byte* ranks = _ranks;
        bool sums = _aggregate <= TreeAggregate.Average;
        for (int tree = 0; tree < group.Trees; tree += Batch)
        {
            if (_layout.Rounds[batch++] > 1 || !sums || tree + Batch > group.Trees)
            {
                aggregate = RareBatch(group.FirstBlock + tree, Math.Min(Batch, group.Trees - tree), _layout.Rounds[batch - 1], aggregate);
            }
            else
            {
                TWalk.Walk(questions, ranks, exits);
                aggregate += leaves[exits[0]];
                aggregate += leaves[TreeBlocks.Exits + exits[1]];
                aggregate += leaves[(2 * TreeBlocks.Exits) + exits[2]];
                aggregate += leaves[(3 * TreeBlocks.Exits) + exits[3]];
                aggregate += leaves[(4 * TreeBlocks.Exits) + exits[4]];
                aggregate += leaves[(5 * TreeBlocks.Exits) + exits[5]];
                aggregate += leaves[(6 * TreeBlocks.Exits) + exits[6]];
                aggregate += leaves[(7 * TreeBlocks.Exits) + exits[7]];
            }

            questions += Batch * TreeBlocks.Bytes;
            leaves += Batch * TreeBlocks.Exits;
        }

        return aggregate;
    }

    // Trees deeper than a block, other aggregates than a sum, and the last trees of a group.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private float RareBatch(int firstBlock, int trees, int rounds, float aggregate)
    {
        // SAFETY: eight blocks, exits and values; an exit that goes on names a block.
        int* blocks = _blocks;
        ulong* exits = _exits;
        for (int i = 0; i < Batch; i++)
        {
            blocks[i] = firstBlock + i;
        }

        TWalk.WalkThese(_layout.Questions, blocks, _ranks, exits);
        for (int round = 1; round < rounds; round++)
        {
            for (int i = 0; i < Batch; i++)
            {
                int block = blocks[i];
                int next = _layout.Exits[((nint)block * TreeBlocks.Exits) + (nint)exits[i]];
                int mask = -(int)((_layout.GoesOn[block] >> (int)exits[i]) & 1);
                blocks[i] = (next & mask) | (block & ~mask);
            }

            // A tree that is at its leaf walks its last block again, to the same exit.
            TWalk.WalkThese(_layout.Questions, blocks, _ranks, exits);
        }

        for (int i = 0; i < trees; i++)
        {
            float value = BitConverter.Int32BitsToSingle(_layout.Exits[((nint)blocks[i] * TreeBlocks.Exits) + (nint)exits[i]]);
            aggregate = _aggregate switch
            {
                TreeAggregate.Min => LanesScalar.Min(value, aggregate),
                TreeAggregate.Max => LanesScalar.Max(value, aggregate),
                _ => aggregate + value,
            };
        }

        return aggregate;
    }
}
