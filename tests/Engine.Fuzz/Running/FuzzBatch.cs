using Engine.Core.Numerics;
using Engine.Fuzz.Memory;

namespace Engine.Fuzz.Running;

/// <summary>A run of cases that share one state: its inputs follow from its seed alone, so that it can be run again up to any case.</summary>
/// <param name="seed">The batch's own seed.</param>
/// <param name="count">Cases to run.</param>
/// <param name="first">Number of the first one in the whole run.</param>
/// <param name="position">Where the case at hand is noted for the supervisor; null where there is none.</param>
internal sealed class FuzzBatch(ulong seed, int count, long first, FuzzPosition? position)
{
    /// <summary>The only randomness of the batch.</summary>
    public SeededRandom Random { get; } = new(seed);

    /// <summary>Cases to run.</summary>
    public int Count => count;

    /// <summary>The case at hand, within the batch.</summary>
    public int Case { get; private set; }

    /// <summary>The case at hand, within the whole run.</summary>
    public long Number => first + Case;

    /// <summary>Notes the case at hand; before its input is looked at.</summary>
    public void Begin(int index)
    {
        Case = index;
        position?.Note(first + index);
    }

    /// <summary>Fails the case at hand where a promise is not kept.</summary>
    public static void Require(bool kept, string promise)
    {
        if (!kept)
        {
            throw new FuzzException(promise);
        }
    }
}
