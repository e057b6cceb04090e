namespace Engine.Simulator.Wire;

/// <summary>Which NYSE Integrated specification the messages follow.</summary>
public enum XdpVersion
{
    /// <summary>Pillar Integrated Feed 2.5.</summary>
    Pillar25,

    /// <summary>XDP Integrated Feed 2.1: no trade conditions, imbalances of 67 bytes.</summary>
    Xdp21,
}
