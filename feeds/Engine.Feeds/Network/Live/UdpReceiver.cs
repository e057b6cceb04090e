using System.Net;
using Engine.Core.Memory;
using Engine.Core.Time;
using static Engine.Feeds.Network.Live.SocketCalls;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// Receives from several UDP lines on one thread, without blocking and without allocating.
/// </summary>
/// <remarks>
/// Datagrams are taken in sweeps. A sweep asks every socket once for up to a batch, so no line starves another; what it took comes
/// out of <see cref="Next"/> merged by receive time, each line's own order kept, ties to another line first in every sweep. A sweep
/// begins in the call of <see cref="Next"/> that finds <see cref="Pending"/> 0, and only there is memory overwritten: all
/// datagrams of a sweep (<see cref="Data"/>) stay valid until the <see cref="Next"/> after its last one.
/// </remarks>
internal sealed unsafe class UdpReceiver : IDisposable
{
    /// <summary>Most lines, requesters included.</summary>
    public const int MaxLines = 64;

    private const long NanosPerSecond = 1_000_000_000;
    private const long None = long.MaxValue;

    private readonly UdpOptions _options;
    private readonly WallClock _clock = new();
    private readonly UdpSocket[] _sockets = new UdpSocket[MaxLines];
    private readonly UdpLine[] _lines = new UdpLine[MaxLines];
    private readonly UdpLineReport[] _reports = new UdpLineReport[MaxLines];
    private readonly long[] _times = new long[MaxLines];
    private readonly bool[] _isKernelTime = new bool[MaxLines];
    private readonly NativeBuffer<PollEntry> _poll = new(MaxLines);
    private long _sweepTime;
    private int _count;
    private int _first;
    private int _current = -1;
    private bool _disposed;

    /// <summary>Opens, binds and joins every line.</summary>
    /// <param name="lines">1 to <see cref="MaxLines"/>.</param>
    /// <param name="options">How to receive.</param>
    /// <exception cref="LiveFeedException">A line cannot be opened; none stays open then.</exception>
    public UdpReceiver(IReadOnlyList<UdpLine> lines, UdpOptions options)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new LiveFeedException("live lines need Linux: replay a capture here instead");
        }

        _options = options;
        try
        {
            options.Check();
            foreach (UdpLine line in lines)
            {
                _ = Add(line);
            }

            if (lines.Count == 0)
            {
                throw new LiveFeedException("there is no line to listen to: give at least one");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Lines, requesters included, in the order in which they were given.</summary>
    public int LineCount => _count;

    /// <summary>Datagrams of the sweep that are still to come.</summary>
    public int Pending { get; private set; }

    /// <summary>Sweeps begun; the memory of the sweep before is gone when it changes.</summary>
    public long Sweeps { get; private set; }

    /// <summary>First byte of the current datagram.</summary>
    public byte* Data { get; private set; }

    /// <summary>Its bytes kept: at most <see cref="UdpOptions.SlotBytes"/>.</summary>
    public int Length { get; private set; }

    /// <summary>Its bytes on the wire.</summary>
    public int WireLength { get; private set; }

    /// <summary>Whether fewer bytes are kept than were on the wire.</summary>
    public bool IsTruncated => Length < WireLength;

    /// <summary>Index of the line it came in on.</summary>
    public int Line { get; private set; }

    /// <summary>When the kernel took it from the device, ns since the Unix epoch; without such a time, when its sweep found the first.</summary>
    public long Time { get; private set; }

    /// <summary>Whether <see cref="Time"/> is the kernel's.</summary>
    public bool HasKernelTime { get; private set; }

    /// <summary>Its sender's address as a number: 127.0.0.1 is 0x7F000001.</summary>
    public uint SourceAddress { get; private set; }

    /// <summary>Its sender's port.</summary>
    public ushort SourcePort { get; private set; }

    /// <summary>A line as it was given.</summary>
    public UdpLine LineAt(int line) => _lines[Checked(line)];

    /// <summary>What the kernel granted it.</summary>
    public UdpLineReport Report(int line) => _reports[Checked(line)];

    /// <summary>The port it is bound to.</summary>
    public int PortOf(int line) => _sockets[Checked(line)].Port;

    /// <summary>Datagrams taken from it.</summary>
    public long PacketsOf(int line) => _sockets[Checked(line)].Packets;

    /// <summary>Bytes of them on the wire.</summary>
    public long BytesOf(int line) => _sockets[Checked(line)].Bytes;

    /// <summary>Datagrams longer than a slot.</summary>
    public long TruncatedOf(int line) => _sockets[Checked(line)].Truncated;

    /// <summary>Datagrams without a kernel time.</summary>
    public long UntimedOf(int line) => _sockets[Checked(line)].Untimed;

    /// <summary>
    /// Datagrams that the kernel dropped: its queue was full, or they were damaged. The kernel tells it with the first datagram after
    /// them; <see cref="ReadDrops"/> asks at once.
    /// </summary>
    public long DropsOf(int line) => _sockets[Checked(line)].Drops;

    /// <summary>Receives that failed, and errno of the last.</summary>
    public (long Count, int LastError) ErrorsOf(int line) => (_sockets[Checked(line)].Errors, _sockets[line].LastError);

    /// <summary>Adds a socket for questions by unicast, whose replies come out of <see cref="Next"/> as a line of their own. Cold.</summary>
    /// <param name="name">The line's name.</param>
    /// <param name="local">Address of this host to ask from; null for what the routes choose.</param>
    /// <param name="port">Port to ask from; 0 lets the kernel pick one.</param>
    /// <exception cref="LiveFeedException">It cannot be opened.</exception>
    public UdpRequester AddRequester(string name, IPAddress? local = null, int port = 0)
    {
        int line = Add(new UdpLine(name, local ?? IPAddress.Any, port));
        return new UdpRequester(_sockets[line], line);
    }

    /// <summary>Steps to the next datagram.</summary>
    /// <returns>False where no line has one; then there is no current datagram.</returns>
    public bool Next()
    {
        if (_current >= 0)
        {
            Leave();
        }

        if (Pending == 0 && !Sweep())
        {
            return false;
        }

        int line = Earliest();
        UdpSocket socket = _sockets[line];
        _current = line;
        Pending--;
        Line = line;
        Data = socket.Data;
        Length = socket.Length;
        WireLength = socket.WireLength;
        Time = _times[line];
        HasKernelTime = _isKernelTime[line];
        SourceAddress = socket.SourceAddress;
        SourcePort = socket.SourcePort;
        return true;
    }

    /// <summary>Gives the core away until a line has a datagram, a signal comes, or the time is over.</summary>
    /// <param name="timeoutNanos">Longest wait, ns; 0 or less only looks.</param>
    /// <returns>Lines that have something; the rest of the sweep counts as one.</returns>
    public int Wait(long timeoutNanos)
    {
        if (Pending > 0 || _disposed)
        {
            return Math.Min(Pending, 1);
        }

        timeoutNanos = Math.Max(timeoutNanos, 0);
        TimeSpecification timeout = new() { Seconds = timeoutNanos / NanosPerSecond, Nanos = timeoutNanos % NanosPerSecond };

        // SAFETY: as many entries as lines, in memory of this object; a local.
        return Math.Max(Poll(_poll.Pointer, (nuint)_count, &timeout, null), 0);
    }

    /// <summary>Asks the kernel for the drops of every line. A call of the system a line; not for every packet.</summary>
    public void ReadDrops()
    {
        for (int i = 0; i < _count; i++)
        {
            _sockets[i].ReadDrops();
        }
    }

    /// <summary>Closes every socket. Reports and counters stay; there are no further datagrams.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Pending = 0;
        _current = -1;
        for (int i = 0; i < _count; i++)
        {
            _sockets[i].Dispose();
        }

        _poll.Dispose();
    }

    private int Add(UdpLine line)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_count == MaxLines)
        {
            throw new LiveFeedException($"{line} is one line too many: at most {MaxLines} are received by one thread");
        }

        if (string.IsNullOrWhiteSpace(line.Name) || _lines.AsSpan(0, _count).ToArray().Any(l => l.Name == line.Name))
        {
            throw new LiveFeedException($"{line}: give every line a name of its own");
        }

        _sockets[_count] = UdpBinding.Open(line, _options, out _reports[_count]);
        _lines[_count] = line;
        _times[_count] = None;
        _poll[_count] = new PollEntry { Descriptor = _sockets[_count].Descriptor, Wanted = PollIn };
        return _count++;
    }

    /// <summary>Asks every socket once.</summary>
    private bool Sweep()
    {
        Sweeps++;
        _first = _first + 1 >= _count ? 0 : _first + 1;
        for (int i = 0; i < _count; i++)
        {
            if (_sockets[i].Refill())
            {
                _sweepTime = Pending == 0 ? _clock.NowNanos : _sweepTime;
                Pending += _sockets[i].Pending;
                NoteTime(i);
            }
        }

        return Pending > 0;
    }

    private void Leave()
    {
        int line = _current;
        _current = -1;
        if (_sockets[line].Step())
        {
            NoteTime(line);
        }
        else
        {
            _times[line] = None;
        }
    }

    private void NoteTime(int line)
    {
        long time = _sockets[line].KernelTime;
        _isKernelTime[line] = time != long.MinValue;
        _times[line] = time != long.MinValue ? time : _sweepTime;
    }

    /// <summary>The line whose datagram came first; there is one.</summary>
    private int Earliest()
    {
        int best = _first;
        for (int i = _first + 1; i < _first + _count; i++)
        {
            int line = i >= _count ? i - _count : i;
            best = _times[line] < _times[best] ? line : best;
        }

        return best;
    }

    private int Checked(int line)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(line);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(line, _count);
        return line;
    }
}
