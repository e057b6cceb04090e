using System.Runtime.CompilerServices;
using System.Text;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// Keeps received packets, exactly, in a pcapng file. One hot thread appends whole blocks to a ring; a cold thread writes it out, so
/// that the file ends within at most one block wherever the process is killed.
/// </summary>
/// <remarks>
/// Interfaces, by index: the lines as given (raw IPv4), then <see cref="ClockName"/> (a packet without a byte is a mark: nothing had
/// come until then) and <see cref="SnapshotName"/> (bytes of a snapshot, in order), both of link type USER0. Nothing is lost: when the
/// ring is full the appending thread spins, then sleeps, and counts that. When the disk fails, <see cref="Append(int, long, uint, ushort, byte*, int)"/>
/// says so from then on. Make the journal before the hot thread pins itself, since threads inherit their CPUs.
/// </remarks>
internal sealed unsafe class PacketJournal : IDisposable
{
    /// <summary>The interface of time marks.</summary>
    public const string ClockName = RecordedInterface.Clock;

    /// <summary>The interface of snapshots.</summary>
    public const string SnapshotName = RecordedInterface.Snapshot;

    /// <summary>Most lines.</summary>
    public const int MaxLines = 1_000;

    /// <summary>Most bytes of a snapshot in one packet.</summary>
    public const int SnapshotChunk = 1 << 16;

    private const int MaxWrite = 1 << 22;
    private const int Spins = 2_000;
    private const long FullSleepNanos = 50_000, IdleSleepNanos = 500_000;

    private readonly string _path;
    private readonly JournalOptions _options;
    private readonly JournalLine[] _lines;
    private readonly JournalRing _ring;
    private readonly FileStream _file;
    private readonly Thread _thread;
    private long _bytesWritten;
    private long _unsyncedBytes;
    private long _lastSync;
    private long _waits;
    private string? _fault;
    private volatile bool _hasFailed;
    private volatile bool _stopping;
    private bool _disposed;

    /// <summary>Creates the file, with its section header and interfaces, and starts the cold thread.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lines">At most <see cref="MaxLines"/>; their indexes are those of <see cref="Append(int, long, uint, ushort, byte*, int)"/>.</param>
    /// <param name="comment">The section's comment: a JSON text, at most 65,535 bytes in UTF-8.</param>
    /// <param name="options">How to write.</param>
    /// <exception cref="LiveFeedException">The file cannot be made, or a text or option cannot be.</exception>
    public PacketJournal(string path, IReadOnlyList<JournalLine> lines, string comment, JournalOptions options)
    {
        options.Check();
        _path = path;
        _options = options;
        _lines = [.. lines];
        Check(comment);
        try
        {
            _file = new FileStream(path, options.Overwrite ? FileMode.Create : FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new LiveFeedException($"journal {path}: cannot be made ({failure.Message}): " + (File.Exists(path) && !options.Overwrite ? "give another name, or overwrite it" : "give another place"));
        }

        try
        {
            WritePreamble(comment);
        }
        catch (IOException failure)
        {
            _file.Dispose();
            throw new LiveFeedException($"journal {path}: cannot be written ({failure.Message}): make room or give another place");
        }

        _lastSync = MonotonicTimer.NowNanos;
        ShortSleep.Sleep(1); // The first call of a system function costs memory, and a full ring must not.
        _ring = new JournalRing(options.RingBytes);
        _thread = new Thread(Work) { IsBackground = true, Name = "journal" };
        _thread.Start();
    }

    /// <summary>Why nothing more is kept, one line for operators; or null.</summary>
    public string? Fault => _hasFailed ? _fault : null;

    /// <summary>Packets appended, marks and pieces of snapshots included. The appending thread's.</summary>
    public long Appended { get; private set; }

    /// <summary>How often appending found the ring full and waited.</summary>
    public long Waits => Volatile.Read(ref _waits);

    /// <summary>For how long in all, ns.</summary>
    public long WaitedNanos { get; private set; }

    /// <summary>Bytes in the file.</summary>
    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    /// <summary>Appends a datagram as it was on the wire.</summary>
    /// <param name="line">Index of its line.</param>
    /// <param name="timeNanos">When it was received, ns since the Unix epoch.</param>
    /// <param name="sourceAddress">Its sender, as a number: 127.0.0.1 is 0x7F000001.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="length">How many, at most <see cref="JournalBlocks.MaxPayload"/>.</param>
    /// <returns>False once the journal has failed: see <see cref="Fault"/>.</returns>
    public bool Append(int line, long timeNanos, uint sourceAddress, ushort sourcePort, byte* payload, int length) =>
        Append(line, timeNanos, sourceAddress, sourcePort, payload, length, length);

    /// <summary>The same for a datagram of which less was kept than was on the wire.</summary>
    public bool Append(int line, long timeNanos, uint sourceAddress, ushort sourcePort, byte* payload, int length, int wireLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)line, (uint)_lines.Length, nameof(line));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)wireLength, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)wireLength, (uint)JournalBlocks.MaxPayload, nameof(wireLength));
        byte* head = stackalloc byte[JournalBlocks.Head];
        JournalLine to = _lines[line];

        // SAFETY: the local has room for both heads.
        JournalBlocks.WritePacketHead(head, line, timeNanos, JournalBlocks.DatagramHead + length, JournalBlocks.DatagramHead + wireLength);
        JournalBlocks.WriteDatagramHead(head + JournalBlocks.PacketHead, sourceAddress, sourcePort, to.Address, to.Port, wireLength);
        return Put(head, JournalBlocks.Head, payload, length);
    }

    /// <summary>Appends a mark: until this time nothing else had come.</summary>
    /// <returns>False once the journal has failed.</returns>
    public bool AppendMark(long timeNanos) => AppendPlain(_lines.Length, timeNanos, null, 0);

    /// <summary>Appends bytes of a snapshot, in packets of at most <see cref="SnapshotChunk"/> bytes.</summary>
    /// <returns>False once the journal has failed.</returns>
    public bool AppendSnapshot(long timeNanos, byte* data, int length)
    {
        // SAFETY: each piece lies within the caller's length bytes.
        for (int at = 0; at < length; at += SnapshotChunk)
        {
            if (!AppendPlain(_lines.Length + 1, timeNanos, data + at, Math.Min(length - at, SnapshotChunk)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes what is in the ring and closes the file; <see cref="Fault"/> says whether all of it went well.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stopping = true;
        _thread.Join();
        _ring.Dispose();
    }

    private bool AppendPlain(int source, long timeNanos, byte* data, int length)
    {
        byte* head = stackalloc byte[JournalBlocks.PacketHead];

        // SAFETY: the local has room for the head.
        JournalBlocks.WritePacketHead(head, source, timeNanos, length, length);
        return Put(head, JournalBlocks.PacketHead, data, length);
    }

    /// <summary>Puts a block: its head, its data, the padding and the length again.</summary>
    private bool Put(byte* head, int headLength, byte* data, int length)
    {
        int padding = -(headLength + length) & 3;
        int size = headLength + length + padding + JournalBlocks.Tail;
        if (_disposed || _hasFailed || (!_ring.HasRoom(size) && !WaitForRoom(size)))
        {
            return false;
        }

        // SAFETY: room for size bytes was found; the local holds four zeros and the length, of which the last padding zeros go along.
        uint* tail = stackalloc uint[2] { 0, (uint)size };
        _ring.Put(head, headLength);
        _ring.Put(data, length);
        _ring.Put((byte*)(tail + 1) - padding, padding + JournalBlocks.Tail);
        _ring.Publish();
        Appended++;
        return true;
    }

    /// <summary>Waits until the cold thread has made room, or has failed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool WaitForRoom(int size)
    {
        long began = MonotonicTimer.NowNanos;
        Volatile.Write(ref _waits, _waits + 1);
        for (int i = 0; !_hasFailed && !_ring.HasRoom(size); i++)
        {
            if (i < Spins)
            {
                Thread.SpinWait(1);
            }
            else
            {
                ShortSleep.Sleep(FullSleepNanos);
            }
        }

        WaitedNanos += MonotonicTimer.NowNanos - began;
        return !_hasFailed;
    }

    private void Check(string comment)
    {
        foreach (JournalLine line in _lines)
        {
            if ((line.Name.StartsWith(RecordedInterface.Prefix, StringComparison.Ordinal) && line.Name != RecordedInterface.Replies) || IsTooLong(line.Name) || IsTooLong(line.Description))
            {
                throw new LiveFeedException($"journal {_path}: line {line.Name}: a name is at most {JournalBlocks.MaxOption:N0} bytes and does not begin with {RecordedInterface.Prefix}: rename it");
            }
        }

        if (_lines.Length > MaxLines || IsTooLong(comment))
        {
            throw new LiveFeedException($"journal {_path}: at most {MaxLines:N0} lines and {JournalBlocks.MaxOption:N0} bytes of comment go into one");
        }
    }

    private static bool IsTooLong(string text) => Encoding.UTF8.GetByteCount(text) > JournalBlocks.MaxOption;

    private void WritePreamble(string comment)
    {
        MemoryStream preamble = new();
        preamble.Write(JournalBlocks.Section(comment));
        foreach (JournalLine line in _lines)
        {
            preamble.Write(JournalBlocks.Interface(JournalBlocks.RawIpv4, line.Name, line.Description));
        }

        preamble.Write(JournalBlocks.Interface(JournalBlocks.User0, ClockName, "time marks: packets without a byte"));
        preamble.Write(JournalBlocks.Interface(JournalBlocks.User0, SnapshotName, "bytes of a snapshot: length u16 big-endian and message"));
        _file.Write(preamble.ToArray());
        _bytesWritten = _unsyncedBytes = preamble.Length;
    }

    private void Work()
    {
        try
        {
            WriteUntilStopped();
            SyncNow();
            _file.Dispose();
        }
        catch (Exception failure)
        {
            _fault = $"journal {_path}: cannot be written after {Size():N0} bytes ({failure.Message.ReplaceLineEndings(" ")}): make room or give another place";
            _hasFailed = true;
            CloseQuietly();
        }
    }

    private void WriteUntilStopped()
    {
        while (true)
        {
            // Read before the look: what was appended before the stop is seen by that look.
            bool stopping = _stopping;
            byte* data = _ring.Peek(out int length);
            if (length > 0)
            {
                // SAFETY: the ring leaves peeked bytes alone until they are released.
                int some = Math.Min(length, MaxWrite);
                _file.Write(new ReadOnlySpan<byte>(data, some));
                _ring.Release(some);
                Volatile.Write(ref _bytesWritten, _bytesWritten + some);
                _unsyncedBytes += some;
            }
            else if (stopping)
            {
                return;
            }
            else
            {
                ShortSleep.Sleep(IdleSleepNanos);
            }

            if (_unsyncedBytes >= _options.SyncBytes || MonotonicTimer.NowNanos - _lastSync >= (long)_options.SyncInterval.TotalNanoseconds)
            {
                SyncNow();
            }
        }
    }

    private void SyncNow()
    {
        if (_options.Sync && _unsyncedBytes > 0)
        {
            _file.Flush(flushToDisk: true);
        }

        _unsyncedBytes = 0;
        _lastSync = MonotonicTimer.NowNanos;
    }

    /// <summary>Bytes in the file, also those of a write that failed in its middle.</summary>
    private long Size()
    {
        try
        {
            return Math.Max(_file.Length, BytesWritten);
        }
        catch (Exception failure) when (failure is IOException or NotSupportedException or ObjectDisposedException)
        {
            return BytesWritten;
        }
    }

    private void CloseQuietly()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
        }
    }
}
