using Engine.Core.Memory;

namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// Writes the lines that a thread reads into a text capture. The reading thread copies each into a ring and goes on; a thread of
/// the recorder writes them. What a killed process has written can be read up to its last whole line.
/// </summary>
internal sealed unsafe class BitMexLineRecorder : IDisposable
{
    private const int BufferedBytes = 1 << 16;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly LineRing _ring;
    private readonly BitMexLineWriter _text;
    private readonly BitMexProblems? _problems;
    private readonly FileStream _file;
    private readonly string _path;
    private readonly byte[] _buffer;
    private readonly Thread _thread;
    private int _buffered;
    private long _bufferedLines;
    private volatile bool _isClosing;
    private volatile SourceFault? _fault;
    private long _lines, _bytes, _lost;

    /// <param name="path">The file.</param>
    /// <param name="options">The session's address and bounds.</param>
    /// <param name="mode">How the file is opened; usually one that exists is refused.</param>
    /// <param name="problems">Told what is not recorded.</param>
    /// <exception cref="IOException">The file exists, or cannot be made.</exception>
    public BitMexLineRecorder(string path, BitMexLiveOptions options, FileMode mode = FileMode.CreateNew, BitMexProblems? problems = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _path = path;
        _problems = problems;
        _file = new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
        _text = new BitMexLineWriter(options.WebSocket);
        _ring = new LineRing(options.RingBytes);
        _buffer = new byte[Math.Max(BufferedBytes, _ring.LengthMax + _text.OverheadBytesMax)];
        _thread = new Thread(Run) { IsBackground = true, Name = "bitmex-record" };
        _thread.Start();
    }

    /// <summary>Lines handed to the operating system.</summary>
    public long Lines => Volatile.Read(ref _lines);

    /// <summary>Bytes handed to the operating system.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Lines that are not in the file: those behind a fault of the disk, and one too long for the ring.</summary>
    public long LostLines => Volatile.Read(ref _lost);

    /// <summary>Lines for which the reading thread had to wait, because the disk was behind.</summary>
    public long RoomWaits { get; private set; }

    /// <summary>Why lines are lost; null while none is.</summary>
    public SourceFault? Fault => _fault;

    /// <summary>The reading thread: takes the line at hand. Allocates nothing.</summary>
    /// <param name="current">Lines whose last <see cref="BitMexLines.Next"/> answered <see cref="BitMexNext.Line"/>.</param>
    public void Append(BitMexLines current)
    {
        // SAFETY: Data holds Length bytes until the next step, which the caller makes after this.
        ReadOnlySpan<byte> text = new(current.Data, current.Length);
        if (text.Length > _ring.LengthMax)
        {
            Interlocked.Increment(ref _lost);
            if (_fault is null)
            {
                Fail(TooLong(text.Length));
            }

            return;
        }

        if (!_ring.TryWrite(current.Kind, current.Time, current.HasGoodTime, text))
        {
            RoomWaits++;
            SpinWait wait = default;
            do
            {
                wait.SpinOnce();
            }
            while (!_ring.TryWrite(current.Kind, current.Time, current.HasGoodTime, text));
        }
    }

    /// <summary>Writes what is left and closes the file.</summary>
    public void Dispose()
    {
        if (!_isClosing)
        {
            _isClosing = true;
            _thread.Join();
            _file.Dispose();
            _ring.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            // Asked before the ring, since nothing is appended after the end is told.
            bool isClosing = _isClosing;
            while (_ring.TryRead(out LineHead* line))
            {
                Put(line);
            }

            Flush();
            if (isClosing)
            {
                return;
            }

            Thread.Sleep(s_pause);
        }
    }

    private void Put(LineHead* line)
    {
        // SAFETY: the line stays ours until the next TryRead.
        ReadOnlySpan<byte> text = new(line + 1, line->Length);
        if (_buffered + text.Length + _text.OverheadBytesMax > _buffer.Length)
        {
            Flush();
        }

        _buffered += _text.Write(line->Kind, line->Time, text, _buffer.AsSpan(_buffered));
        _bufferedLines++;
    }

    private void Flush()
    {
        if (_buffered == 0)
        {
            return;
        }

        (int bytes, long lines) = (_buffered, _bufferedLines);
        (_buffered, _bufferedLines) = (0, 0);
        if (_fault is null || _fault.Offset < 0)
        {
            try
            {
                _file.Write(_buffer, 0, bytes);
                Volatile.Write(ref _lines, _lines + lines);
                Volatile.Write(ref _bytes, _bytes + bytes);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
            {
                // ArgumentOutOfRangeException is what the class library makes of EFBIG.
                Fail(new SourceFault(
                    _path, _bytes, $"{_path}: cannot be written on from byte {_bytes}: {e.Message.ReplaceLineEndings(" ")}"));
            }
        }

        Interlocked.Add(ref _lost, lines);
    }

    private void Fail(SourceFault fault)
    {
        _fault = fault;
        _problems?.Add(fault.Sentence);
    }

    private SourceFault TooLong(int length) =>
        new(_path, -1, $"{_path}: a line of {length} bytes was not recorded; the ring takes {_ring.LengthMax}");
}
