using Engine.Core.Events;
using Engine.Signals;

namespace Engine.Training.Datasets;

/// <summary>What takes rows while captures are replayed, and says when it has enough.</summary>
public interface IRowCollector
{
    /// <summary>Nothing more is wanted: the captures are read no further.</summary>
    bool IsEnough { get; }

    /// <summary>Takes one row; the span is valid until the instrument's next row.</summary>
    void Take(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row);

    /// <summary>The captures ended, or enough was taken.</summary>
    void End();
}
