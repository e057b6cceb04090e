using Engine.Core.Time;

namespace Engine.Simulator.Live;

/// <summary>One client's session, from login to goodbye, on its connection's thread.</summary>
internal sealed class SoupBinSession
{
    private const long Millisecond = 1_000_000;
    private readonly SoupBinTcpServer _server;
    private readonly SoupBinOptions _options;
    private readonly ISoupBinService _service;
    private readonly SoupBinConnection _connection;
    private readonly Func<bool> _isStopping;
    private long _lastHeardNanos = MonotonicTimer.NowNanos;
    private long _lastSentNanos = MonotonicTimer.NowNanos;

    /// <param name="server">Who counts.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="service">What it serves.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="isStopping">Whether the server is on its way out.</param>
    public SoupBinSession(
        SoupBinTcpServer server, SoupBinOptions options, ISoupBinService service, SoupBinConnection connection, Func<bool> isStopping)
    {
        _server = server;
        _options = options;
        _service = service;
        _connection = connection;
        _isStopping = isStopping;
    }

    private enum Step
    {
        Idle,
        Login,
        Over,
    }

    /// <summary>Serves the client; returns when the connection can be closed.</summary>
    public void Run()
    {
        Step step;
        SoupBinContent? content = null;
        ulong first = 0;
        do
        {
            step = Listen(isLoggedIn: false, long.MaxValue, ref content, ref first);
        }
        while (step == Step.Idle);

        if (step == Step.Over || !SendMessages(content!, first))
        {
            return;
        }

        _connection.Write('Z', []);
        Flush();
        while (Listen(isLoggedIn: true, long.MaxValue, ref content, ref first) == Step.Idle)
        {
        }
    }

    /// <returns>False when the session is over.</returns>
    private bool SendMessages(SoupBinContent content, ulong first)
    {
        long sent = 0;
        for (int i = (int)Math.Min(first - 1, int.MaxValue); i < content.Messages.Count; i++)
        {
            if (sent == _options.CutAfter)
            {
                Flush();
                _server.Count(c => c with { Cut = c.Cut + 1, Messages = c.Messages + sent });
                return false;
            }

            if (i == content.Messages.Count - 1 && !Pause())
            {
                return false;
            }

            _connection.Write('S', content.Messages[i]);
            sent++;
        }

        Flush();
        _server.Count(c => c with { Messages = c.Messages + sent });
        return true;
    }

    private bool Pause()
    {
        if (_options.PauseBeforeLast <= TimeSpan.Zero)
        {
            return true;
        }

        Flush();
        long end = MonotonicTimer.NowNanos + (_options.PauseBeforeLast.Ticks * TimeSpan.NanosecondsPerTick);
        SoupBinContent? content = null;
        ulong first = 0;
        while (MonotonicTimer.NowNanos < end)
        {
            if (Listen(isLoggedIn: true, end, ref content, ref first) == Step.Over)
            {
                return false;
            }
        }

        return true;
    }

    // Waits for one packet, or until a heartbeat is due.
    private Step Listen(bool isLoggedIn, long untilNanos, ref SoupBinContent? content, ref ulong first)
    {
        const int longestPollMillis = 100;
        long now = MonotonicTimer.NowNanos;
        long heartbeat = _options.Heartbeat.Ticks * TimeSpan.NanosecondsPerTick;
        if (isLoggedIn && now - _lastSentNanos >= heartbeat)
        {
            _connection.Write('H', []);
            Flush();
        }

        long wait = Math.Clamp(Math.Min(untilNanos, _lastSentNanos + heartbeat) - now, Millisecond, longestPollMillis * Millisecond);
        SoupBinReceipt receipt = _connection.Read((int)(wait / Millisecond), out char type, out ReadOnlySpan<byte> payload);
        if (_isStopping())
        {
            return Step.Over;
        }

        switch (receipt)
        {
            case SoupBinReceipt.Packet:
                _lastHeardNanos = MonotonicTimer.NowNanos;
                return Take(isLoggedIn, type, payload, ref content, ref first);
            case SoupBinReceipt.Nothing when now - _lastHeardNanos <= _options.Timeout.Ticks * TimeSpan.NanosecondsPerTick:
                return Step.Idle;
            case SoupBinReceipt.Nothing:
                _server.Count(c => c with { Timeouts = c.Timeouts + 1 });
                return Step.Over;
            case SoupBinReceipt.Closed:
                _server.Count(c => c with { Lost = c.Lost + 1 });
                return Step.Over;
            default:
                _server.Count(c => c with { Malformed = c.Malformed + 1 });
                return Step.Over;
        }
    }

    private Step Take(bool isLoggedIn, char type, ReadOnlySpan<byte> payload, ref SoupBinContent? content, ref ulong first)
    {
        switch (type)
        {
            case '+':
            case 'R' or 'U' when isLoggedIn: // unsequenced data mean nothing to a snapshot
                return Step.Idle;
            case 'O' when isLoggedIn:
                _server.Count(c => c with { Logouts = c.Logouts + 1 });
                return Step.Over;
            case 'L' when !isLoggedIn && payload.Length is SoupBinTcp.LoginLength or SoupBinTcp.LongLoginLength:
                return LogIn(payload, out content, out first);
            default:
                _server.Count(c => c with { Malformed = c.Malformed + 1 });
                return Step.Over;
        }
    }

    private Step LogIn(ReadOnlySpan<byte> payload, out SoupBinContent? content, out ulong first)
    {
        content = null;
        string user = SoupBinTcp.ReadText(payload[..SoupBinTcp.UserLength]);
        payload = payload[SoupBinTcp.UserLength..];
        string password = SoupBinTcp.ReadText(payload[..SoupBinTcp.PasswordLength]);
        payload = payload[SoupBinTcp.PasswordLength..];
        string session = SoupBinTcp.ReadText(payload[..SoupBinTcp.SessionLength]);
        payload = payload[SoupBinTcp.SessionLength..];
        if (!SoupBinTcp.TryReadSequence(payload[..SoupBinTcp.SequenceLength], out first))
        {
            _server.Count(c => c with { Malformed = c.Malformed + 1 });
            return Step.Over;
        }

        if (!user.Equals(_options.User, StringComparison.OrdinalIgnoreCase)
            || !password.Equals(_options.Password, StringComparison.OrdinalIgnoreCase))
        {
            return Reject("A");
        }

        content = _service.Open();
        if (session.Length > 0 && session != content.Session.Trim())
        {
            return Reject("S");
        }

        first = Math.Max(first, 1); // 0 asks for what comes next, and nothing has come before a snapshot
        string sequence = first.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(SoupBinTcp.SequenceLength);
        _connection.Write('A', content.Session.PadLeft(SoupBinTcp.SessionLength) + sequence);
        if (_options.Debug is string debug)
        {
            _connection.Write('+', debug);
        }

        Flush();
        _server.Count(c => c with { Accepted = c.Accepted + 1 });
        return Step.Login;
    }

    private Step Reject(string reason)
    {
        _connection.Write('J', reason);
        Flush();
        _server.Count(c => c with { Rejected = c.Rejected + 1 });
        return Step.Over;
    }

    private void Flush()
    {
        _connection.Flush();
        _lastSentNanos = MonotonicTimer.NowNanos;
    }
}
