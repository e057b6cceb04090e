using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
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
    private const int LineFloats = 16;

    private readonly DensePlan _plan;
    private readonly NativeBuffer<float>[] _arenas;
    private readonly NativeBuffer<float> _gradients;
    private readonly NativeBuffer<float> _zeros;
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
        _zeros = new NativeBuffer<float>(rows.Columns);
        _zeros.Span.Clear();
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
        _zeros.Dispose();
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

    // Tile by tile: a slot is written whole, from sixteen rows side by side, while the next tile's rows, which lie anywhere, are fetched.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(ReadOnlySpan<int> rows, float* arena, int tiles)
    {
        // SAFETY: row indices were checked against the rows, feature indices against the columns; what is only fetched need not be readable.
        float** from = stackalloc float*[Tile.Rows];
        float** next = stackalloc float*[Tile.Rows];
        int lines = (Rows.Columns + LineFloats - 1) / LineFloats;
        Point(rows, next);
        fixed (int* list = _features)
        {
            int* end = list + _features.Length;
            for (int t = 0; t < tiles; t++, arena += _plan.TileStride)
            {
                new ReadOnlySpan<nint>(next, Tile.Rows).CopyTo(new Span<nint>(from, Tile.Rows));
                Point(rows[Math.Min(rows.Length, (t + 1) * Tile.Rows)..], next);
                int row = 0, line = 0;
                for (int* f = list; f < end; f += 2)
                {
                    float* slot = arena + ((nint)f[0] * Tile.Rows);
                    nint feature = f[1];
                    for (int r = 0; r < Tile.Rows; r += 4)
                    {
                        slot[r] = from[r][feature];
                        slot[r + 1] = from[r + 1][feature];
                        slot[r + 2] = from[r + 2][feature];
                        slot[r + 3] = from[r + 3][feature];
                    }

                    if (Sse.IsSupported && row < Tile.Rows)
                    {
                        Sse.Prefetch0(next[row] + (line * LineFloats));
                        line = line + 1 < lines ? line + 1 : 0;
                        row += line == 0 ? 1 : 0;
                    }
                }
            }
        }
    }

    // Where the rows of a tile lie; those beyond the last are zeros.
    private void Point(ReadOnlySpan<int> rows, float** to)
    {
        // SAFETY: as above.
        nint columns = Rows.Columns;
        for (int r = 0; r < Tile.Rows; r++)
        {
            to[r] = r < rows.Length ? Rows.Pointer + (rows[r] * columns) : _zeros.Pointer;
        }
    }
}
