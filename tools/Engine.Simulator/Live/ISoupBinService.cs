namespace Engine.Simulator.Live;

/// <summary>What one login is given.</summary>
/// <param name="Session">The session's name.</param>
/// <param name="Messages">Its sequenced messages, from sequence 1 on.</param>
public sealed record SoupBinContent(string Session, IReadOnlyList<byte[]> Messages);

/// <summary>What a SoupBinTCP server serves.</summary>
public interface ISoupBinService
{
    /// <summary>Makes what a login of this moment is given; called on a connection's thread.</summary>
    SoupBinContent Open();
}
