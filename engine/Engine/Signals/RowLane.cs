using Engine.Features;

namespace Engine.Signals;

/// <summary>A further way from one set of books to rows: when its rows are due, and what takes them.</summary>
/// <typeparam name="TRows">What takes the rows.</typeparam>
/// <param name="builder">Which of the pipeline's builders makes its rows.</param>
/// <param name="sampler">When a row is due.</param>
/// <param name="rows">What takes them.</param>
internal sealed class RowLane<TRows>(int builder, RowSampler sampler, TRows rows)
    where TRows : struct, IRowHandler
{
    private TRows _rows = rows;

    /// <summary>Which of the pipeline's builders makes its rows.</summary>
    public int Builder => builder;

    /// <summary>When a row is due.</summary>
    public RowSampler Sampler => sampler;

    /// <summary>What takes the rows.</summary>
    public ref TRows Rows => ref _rows;
}
