using System.Net.Sockets;
using System.Text;
using Engine.Core.Time;

namespace Engine.Feeds.Network.Live;

/// <summary>One attempt to fetch a snapshot, from the connection to the logout. Runs on a cold thread and may block there.</summary>
/// <remarks>
/// The snapshot is a SoupBinTCP session of ITCH messages from sequence 1 on. Its last message tells where the feed goes on:
/// <code>
/// 0      1                                  21
/// +------+----------------------------------+
/// | 'G'  | next sequence of the feed, a20   |      ASCII digits between blanks
/// +------+----------------------------------+
/// </code>
/// Layout: NASDAQ, GLIMPSE 5.0.
/// </remarks>
internal sealed class GlimpseAttempt : IDisposable
{
    /// <summary>The type of the message that ends a snapshot.</summary>
    public const byte EndOfSnapshot = (byte)'G';

    /// <summary>Bytes of that message.</summary>
    public const int EndSize = 1 + SoupBinTcp.SequenceSize;

    private const int Room = 4 * SoupBinTcp.MaxPacket;
    private const int SliceMillis = 20;
    private const int SendTimeoutMillis = 1_000;

    private readonly GlimpseOptions _options;
    private readonly SnapshotBuffer _snapshot;
    private readonly Func<bool> _isStopping;
    private readonly Action<long> _progress;
    private readonly Socket _socket;
    private readonly byte[] _bytes = new byte[Room];
    private int _from;
    private int _until;
    private long _began;
    private long _lastHeard;
    private long _lastSaid;
    private bool _isAccepted;
    private bool _isWhole;

    /// <param name="options">Checked.</param>
    /// <param name="snapshot">Empty; filled.</param>
    /// <param name="isStopping">Asked every few milliseconds.</param>
    /// <param name="progress">Told the bytes so far, once the login is accepted.</param>
    public GlimpseAttempt(GlimpseOptions options, SnapshotBuffer snapshot, Func<bool> isStopping, Action<long> progress)
    {
        _options = options;
        _snapshot = snapshot;
        _isStopping = isStopping;
        _progress = progress;
        _socket = new Socket(options.Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = SendTimeoutMillis };
    }

    /// <summary>The session that the server named.</summary>
    public string Session { get; private set; } = "";

    /// <summary>The next sequence of the feed.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Packets passed over: debug texts, unsequenced messages, unknown types, messages without a byte.</summary>
    public long OtherPackets { get; private set; }

    /// <summary>Fetches the snapshot.</summary>
    /// <returns>Null when it is whole; otherwise why it is not, in words that follow the server's address.</returns>
    public string? Run()
    {
        try
        {
            return Connect() ?? Talk();
        }
        catch (SocketException failure)
        {
            return $"broke the connection off {Progress()} ({failure.SocketErrorCode}): check the network and the server";
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _socket.Dispose();

    private string? Connect()
    {
        using CancellationTokenSource cancel = new();
        Task connecting = _socket.ConnectAsync(_options.Server, cancel.Token).AsTask();
        _began = _lastHeard = _lastSaid = MonotonicTimer.NowNanos;
        while (!((IAsyncResult)connecting).AsyncWaitHandle.WaitOne(SliceMillis))
        {
            bool late = IsOver(_began, _options.ConnectTimeout);
            if (late || _isStopping())
            {
                cancel.Cancel();
                return late ? $"did not answer within {Seconds(_options.ConnectTimeout)}: check its address and the network" : Stopped();
            }
        }

        return connecting.Exception?.InnerException switch
        {
            null => null,
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "refuses the connection: check that it runs, and its port",
            SocketException failure => $"cannot be reached ({failure.SocketErrorCode}): check its address and the network",
            Exception failure => $"cannot be reached ({failure.Message})",
        };
    }

    private string? Talk()
    {
        byte[] login = new byte[SoupBinTcp.LoginSize];
        _ = SoupBinTcp.WriteLogin(login, _options.User, _options.Password, _options.Session, 1);
        Say(login);
        while (!_isWhole)
        {
            if ((Overdue() ?? Hear() ?? TakePackets()) is { } fault)
            {
                return fault;
            }
        }

        Leave();
        return null;
    }

    /// <summary>Keeps our side alive, and gives up on what takes too long.</summary>
    private string? Overdue()
    {
        if (IsOver(_lastSaid, _options.HeartbeatInterval))
        {
            byte[] heartbeat = new byte[SoupBinTcp.HeadSize];
            _ = SoupBinTcp.Write(heartbeat, SoupBinTcp.ClientHeartbeat, []);
            Say(heartbeat);
        }

        return _isStopping() ? Stopped()
            : IsOver(_lastHeard, _options.SilenceTimeout) ? $"has been silent for {Seconds(_options.SilenceTimeout)} {Progress()}: check the server"
            : IsOver(_began, _options.TotalTimeout) ? $"took longer than {Seconds(_options.TotalTimeout)}, {Progress()}: raise the total timeout or check the server"
            : null;
    }

    /// <summary>Waits a little for bytes and takes what there is.</summary>
    private string? Hear()
    {
        if (!_socket.Poll(SliceMillis * 1_000, SelectMode.SelectRead))
        {
            return null;
        }

        _bytes.AsSpan(_from, _until - _from).CopyTo(_bytes);
        _until -= _from;
        _from = 0;
        int count = _socket.Receive(_bytes, _until, Room - _until, SocketFlags.None);
        _until += count;
        _lastHeard = MonotonicTimer.NowNanos;
        return count > 0 ? null
            : $"closed the connection {Progress()}{(_until > 0 ? ", in the middle of a packet" : "")}, before the end of the snapshot: try again or check the server";
    }

    private string? TakePackets()
    {
        while (!_isWhole)
        {
            SoupResult result = SoupBinTcp.TryRead(_bytes.AsSpan(_from, _until - _from), out SoupPacket packet, out int consumed);
            if (result == SoupResult.Invalid)
            {
                return $"sent a packet of no length {Progress()}, behind which nothing can be read: check that it speaks SoupBinTCP";
            }

            if (result == SoupResult.Incomplete)
            {
                break;
            }

            _from += consumed;
            if (Take(packet) is { } fault)
            {
                return fault;
            }
        }

        if (_isAccepted)
        {
            _progress(_snapshot.Length);
        }

        return null;
    }

    private string? Take(SoupPacket packet)
    {
        switch (packet.Type)
        {
            case SoupBinTcp.LoginAccepted:
                return Accept(packet.Payload);
            case SoupBinTcp.LoginRejected:
                return $"rejected the login: {Reason(packet.Payload)}";
            case SoupBinTcp.EndOfSession:
                return $"ended the session {Progress()}, before the end of the snapshot: try again or check the server";
            case SoupBinTcp.Sequenced when packet.Payload.Length > 0:
                return TakeMessage(packet.Payload);
            case SoupBinTcp.ServerHeartbeat:
                return null;
            default:
                OtherPackets++;
                return null;
        }
    }

    private string? Accept(ReadOnlySpan<byte> payload)
    {
        if (_isAccepted || payload.Length != SoupBinTcp.SessionSize + SoupBinTcp.SequenceSize
            || payload[..SoupBinTcp.SessionSize].ContainsAnyExceptInRange((byte)' ', (byte)'~')
            || !SoupBinTcp.TryNumber(payload[SoupBinTcp.SessionSize..], out ulong first))
        {
            return "accepted the login in a way that cannot be read: check that it speaks SoupBinTCP";
        }

        if (first != 1)
        {
            return $"begins with message {first} in place of 1: the snapshot would not be whole; try again or check the server";
        }

        _isAccepted = true;
        Session = Encoding.ASCII.GetString(payload[..SoupBinTcp.SessionSize]).Trim(' ');
        return null;
    }

    private string? TakeMessage(ReadOnlySpan<byte> message)
    {
        if (!_isAccepted)
        {
            return "sent a message before it accepted the login: check that it speaks SoupBinTCP";
        }

        if (message[0] == EndOfSnapshot)
        {
            if (message.Length != EndSize || !SoupBinTcp.TryNumber(message[1..], out ulong next))
            {
                return $"ended the snapshot with a message of {message.Length} bytes that names no sequence: check that it speaks GLIMPSE";
            }

            NextSequence = next;
            _isWhole = true;
            return null;
        }

        return _snapshot.Put(message) switch
        {
            SnapshotPut.Done => null,
            SnapshotPut.Full => $"sends a snapshot longer than {_options.MaxBytes:N0} bytes ({_snapshot.Messages:N0} messages): raise the limit of its bytes",
            _ => $"sends a snapshot for which the host has no memory, {Progress()}",
        };
    }

    /// <summary>Logs out; the snapshot is whole, so what goes wrong here does not matter.</summary>
    private void Leave()
    {
        try
        {
            byte[] logout = new byte[SoupBinTcp.HeadSize];
            _ = SoupBinTcp.Write(logout, SoupBinTcp.Logout, []);
            Say(logout);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
        }
    }

    private void Say(byte[] packet)
    {
        _lastSaid = MonotonicTimer.NowNanos;
        for (int sent = 0; sent < packet.Length;)
        {
            sent += _socket.Send(packet, sent, packet.Length - sent, SocketFlags.None);
        }
    }

    private string Progress() =>
        !_isAccepted ? "before it answered the login" : $"after {_snapshot.Messages:N0} messages ({_snapshot.Length:N0} bytes)";

    private static bool IsOver(long since, TimeSpan limit) => MonotonicTimer.NowNanos - since > (long)limit.TotalNanoseconds;

    private static string Seconds(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private static string Stopped() => "was given up, since the feed ends";

    private static string Reason(ReadOnlySpan<byte> payload) => payload.Length == 0 ? "no reason given: ask the venue" : payload[0] switch
    {
        (byte)'A' => "not authorized (A): check user and password",
        (byte)'S' => "no such session (S): check the requested session",
        byte other => $"reason {(other is > 0x20 and < 0x7F ? ((char)other).ToString() : $"0x{other:x2}")}: ask the venue",
    };
}
