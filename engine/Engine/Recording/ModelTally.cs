using System.Runtime.InteropServices;
using Engine.Signals;

namespace Engine.Recording;

/// <summary>What one model of a run predicted.</summary>
public sealed class ModelTally
{
    /// <summary>Its predictions.</summary>
    public long Predictions { get; private set; }

    /// <summary>Hash over their records as they would be in a run of this model alone; 0 before the first.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Predictions that were NaN or infinite.</summary>
    public long NotFinite { get; private set; }

    /// <summary>Features that were NaN or infinite, over its rows.</summary>
    public long Missing { get; private set; }

    /// <summary>Counts one prediction whose record is closed.</summary>
    internal void Add(in Prediction prediction)
    {
        Prediction alone = prediction;
        Span<byte> record = MemoryMarshal.AsBytes(new Span<Prediction>(ref alone));
        if (alone.Model != 0)
        {
            alone.Model = 0;
            LogRecords.Close(record);
        }

        Digest = LogRecords.Chain(Digest, record);
        Predictions++;
        NotFinite += float.IsFinite(alone.Value) ? 0 : 1;
        Missing += alone.Missing;
    }
}
