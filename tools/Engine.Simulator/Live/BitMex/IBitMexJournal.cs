namespace Engine.Simulator.Live.BitMex;

/// <summary>Is told what happens in a market.</summary>
public interface IBitMexJournal
{
    /// <summary>A level appeared.</summary>
    void Inserted(BitMexMarket market, bool isBuy, int ticks, long size);

    /// <summary>A level's size changed.</summary>
    void Updated(BitMexMarket market, bool isBuy, int ticks, long size);

    /// <summary>A level is gone.</summary>
    void Deleted(BitMexMarket market, bool isBuy, int ticks);

    /// <summary>Somebody traded.</summary>
    /// <param name="market">Where.</param>
    /// <param name="isBuy">Whether the aggressor bought.</param>
    /// <param name="ticks">The price.</param>
    /// <param name="size">Contracts.</param>
    /// <param name="direction">−1, 0 or 1: against the last trade's price.</param>
    /// <param name="idHigh">First half of the trade's id.</param>
    /// <param name="idLow">Second half.</param>
    void Traded(BitMexMarket market, bool isBuy, int ticks, long size, int direction, ulong idHigh, ulong idLow);
}

/// <summary>Is told, and keeps nothing: what happens there is lost on the way to the clients.</summary>
public sealed class LostJournal : IBitMexJournal
{
    private LostJournal()
    {
    }

    /// <summary>The one there is.</summary>
    public static LostJournal Instance { get; } = new();

    /// <inheritdoc/>
    public void Inserted(BitMexMarket market, bool isBuy, int ticks, long size)
    {
    }

    /// <inheritdoc/>
    public void Updated(BitMexMarket market, bool isBuy, int ticks, long size)
    {
    }

    /// <inheritdoc/>
    public void Deleted(BitMexMarket market, bool isBuy, int ticks)
    {
    }

    /// <inheritdoc/>
    public void Traded(BitMexMarket market, bool isBuy, int ticks, long size, int direction, ulong idHigh, ulong idLow)
    {
    }
}
