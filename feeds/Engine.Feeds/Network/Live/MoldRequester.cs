using System.Net;

namespace Engine.Feeds.Network.Live;

/// <summary>Asks a MoldUDP64 server by UDP; it answers the asking socket.</summary>
internal sealed class MoldRequester : MessageRequester
{
    private readonly UdpRequester _requester;
    private readonly byte[] _request = new byte[MoldHeader.Size];
    private readonly uint _serverAddress;
    private readonly ushort _serverPort;

    /// <param name="requester">The asking socket, the receiver's last line.</param>
    /// <param name="server">Where the server listens.</param>
    public MoldRequester(UdpRequester requester, IPEndPoint server)
        : base(requester.Line)
    {
        _requester = requester;
        _serverAddress = Ipv4.ToNumber(server.Address);
        _serverPort = (ushort)server.Port;
    }

    /// <inheritdoc/>
    public override void Request(in SequencedPacket stream, ulong from, ulong count)
    {
        MoldHeader.WriteRequest(_request, stream, from, count);
        _ = _requester.Send(_serverAddress, _serverPort, _request);
    }

    /// <inheritdoc/>
    public override bool IsAnswer(uint sourceAddress, ushort sourcePort) => sourceAddress == _serverAddress && sourcePort == _serverPort;
}
