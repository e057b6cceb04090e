namespace Engine.Core.Events;

/// <summary>The feed a <see cref="MarketEvent"/> came from; spelled as the option `--venue` spells it: <see cref="EventNames"/>.</summary>
public enum Venue : byte
{
    /// <summary>Not known.</summary>
    None = 0,

    /// <summary>NASDAQ TotalView-ITCH 5.0.</summary>
    Itch50 = 1,

    /// <summary>NYSE Integrated (XDP, Pillar).</summary>
    Xdp = 2,

    /// <summary>IEX DEEP 1.0.</summary>
    IexDeep = 3,

    /// <summary>BitMEX.</summary>
    BitMex = 4,

    /// <summary>Databento DBN.</summary>
    Dbn = 5,

    /// <summary>LOBSTER message and order-book files.</summary>
    Lobster = 6,
}
