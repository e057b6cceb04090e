namespace Engine.Feeds.Network.Live;

/// <summary>Asks an XDP request server over TCP; it answers on multicast lines of its own, which all who listen share.</summary>
internal sealed class XdpRequester : MessageRequester
{
    private readonly XdpRequestClient _client;

    /// <param name="server">The server and how it is asked.</param>
    /// <param name="firstReplyLine">The receiver's first line of answers.</param>
    /// <exception cref="LiveFeedException">An option that cannot be.</exception>
    public XdpRequester(LiveXdpRequests server, int firstReplyLine)
        : base(firstReplyLine)
    {
        _client = new XdpRequestClient(server);
    }

    /// <inheritdoc/>
    public override (long Count, string Last) Faults => _client.Faults;

    /// <inheritdoc/>
    public override void Request(in SequencedPacket stream, ulong from, ulong count) => _client.Ask(from, count);

    /// <inheritdoc/>
    public override bool IsAnswer(uint sourceAddress, ushort sourcePort) => true;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }
}
