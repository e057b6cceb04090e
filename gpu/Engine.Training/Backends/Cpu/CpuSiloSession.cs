using System.Runtime.CompilerServices;
using Engine.Core.Memory;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Training.Kernels;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Cpu;

/// <summary>
/// Deep Silos, perceptrons and linear models: a chunk of 128 rows goes forward and backward in one piece, everything of its tiles in the
/// second-level cache.
/// </summary>
/// <remarks>SAFETY, for all of it: a worker has an arena of a chunk's tiles, a chunk a gradient as long as the parameters.</remarks>
internal sealed unsafe class CpuSiloSession<TLanes, TVector> : CpuLaneSession<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int RowsPerChunk = 128;
    private const int Training = 1;

    private readonly DensePlan _plan;
    private readonly NativeBuffer<float>[] _arenas;
    private readonly NativeBuffer<float> _gradients;
    private readonly int[] _features;
    private readonly int _gradientStride;

    /// <param name="spec">The network.</param>
    /// <param name="rows">What is learnt from.</param>
    /// <param name="options">What a step does.</param>
    /// <param name="team">Who does the chunks.</param>
    /// <param name="kernel">The instruction set.</param>
    public CpuSiloSession(SiloSpec spec, TrainingRows rows, StepOptions options, WorkerTeam team, Kernel kernel)
        : base(spec, rows, options, team, kernel, RowsPerChunk)
    {
        _plan = DensePlan.Of(spec);
        _gradientStride = Tile.RoundUp(Table.Count);
        _gradients = new NativeBuffer<float>(checked(MaxChunks * _gradientStride));
        _arenas = [.. Enumerable.Range(0, team.Workers).Select(_ => new NativeBuffer<float>(RowsPerChunk / Tile.Rows * _plan.TileStride))];
        _features = [.. _plan.Features.SelectMany(f => new[] { f.Slot, f.Feature })];
        Restore(TrainingState.Begin(spec, options.Seed));
    }

    /// <inheritdoc/>
    public override void Do(int chunk, int worker)
    {
        // SAFETY: as said above.
        float* arena = _arenas[worker].Pointer;
        ReadOnlySpan<int> rows = ChunkRows(chunk);
        int tiles = Tile.RoundUp(rows.Length) / Tile.Rows;
        Gather(rows, arena, tiles);
        DenseTiles<TLanes, TVector>.Forward(_plan, arena, tiles, Parameters, chunk * RowsPerChunk, Phase == Training ? Dropout : null);
        float* output = arena + (_plan.Output * Tile.Rows);
        if (Phase != Training)
        {
            KeepOutputs(chunk, output, _plan.TileStride);
            return;
        }

        Losses(chunk, output, arena + (_plan.OutputGradient * Tile.Rows), _plan.TileStride);
        DenseTiles<TLanes, TVector>.Backward(_plan, arena, tiles, Parameters, _gradients.Pointer + ((nint)chunk * _gradientStride), 0);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _gradients.Dispose();
        foreach (NativeBuffer<float> arena in _arenas)
        {
            arena.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void ComputeGradient()
    {
        Phase = Training;
        Team.Run(this, Chunks);
        ParameterUpdate<TLanes, TVector>.Sum(_gradients.Pointer, Chunks, _gradientStride, Gradient, _gradientStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(ReadOnlySpan<int> rows, float* arena, int tiles)
    {
        // SAFETY: row indices were checked against the rows, feature indices against the columns.
        nint columns = Rows.Columns;
        fixed (int* list = _features)
        {
            int* end = list + _features.Length;
            for (int r = 0; r < tiles * Tile.Rows; r++)
            {
                float* tile = arena + (r / Tile.Rows * _plan.TileStride) + (r % Tile.Rows);
                if (r >= rows.Length)
                {
                    for (int* f = list; f < end; f += 2)
                    {
                        tile[(nint)f[0] * Tile.Rows] = 0;
                    }

                    continue;
                }

                float* row = Rows.Pointer + (rows[r] * columns);
                for (int* f = list; f < end; f += 2)
                {
                    tile[(nint)f[0] * Tile.Rows] = row[f[1]];
                }
            }
        }
    }
}
