using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Memory;
using static Engine.Feeds.Network.Live.SocketCalls;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// One socket of a <see cref="UdpReceiver"/> with the memory of its batch. Used by one thread.
/// </summary>
/// <remarks>
/// A batch is filled by one recvmmsg. For each datagram the kernel adds two control messages:
/// <code>
/// 0        8       12      16        24       32
/// +--------+-------+-------+---------+--------+
/// | len 32 | 1     | 35    | seconds | nanos  |   SO_TIMESTAMPNS: when the kernel took it from the device
/// +--------+-------+-------+---------+--------+
/// | len 20 | 1     | 40    | drops u32 | pad   |   SO_RXQ_OVFL: datagrams dropped so far for want of room, absent while 0
/// +--------+-------+-------+---------+--------+
/// </code>
/// </remarks>
internal sealed unsafe class UdpSocket : IDisposable
{
    private const int ControlBytes = 128, ControlHeadBytes = 16;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly NativeBuffer<byte> _data;
    private readonly NativeBuffer<byte> _control;
    private readonly NativeBuffer<MessageHead> _heads;
    private readonly NativeBuffer<Piece> _pieces;
    private readonly NativeBuffer<SocketAddress> _names;
    private readonly int _slot;
    private int _count;
    private int _at;
    private uint _dropsSeen;
    private int _descriptor;

    /// <summary>Takes a bound socket over and lays its batch out.</summary>
    /// <param name="descriptor">Owned from here on.</param>
    /// <param name="options">Checked.</param>
    /// <param name="port">The port it is bound to.</param>
    public UdpSocket(int descriptor, UdpOptions options, int port)
    {
        _descriptor = descriptor;
        Port = port;
        _slot = options.SlotBytes;
        int batch = options.BatchSize;
        _data = new NativeBuffer<byte>(batch * _slot);
        _control = new NativeBuffer<byte>(batch * ControlBytes);
        _heads = new NativeBuffer<MessageHead>(batch);
        _pieces = new NativeBuffer<Piece>(batch);
        _names = new NativeBuffer<SocketAddress>(batch);
        for (int i = 0; i < batch; i++)
        {
            // SAFETY: message i has slot i of each buffer; the buffers live as long as this object.
            _pieces[i] = new Piece { Start = _data.Pointer + ((long)i * _slot), Length = (nuint)_slot };
            _heads[i] = new MessageHead { Pieces = _pieces.Pointer + i, PieceCount = 1, Name = _names.Pointer + i, Control = _control.Pointer + (i * ControlBytes) };
            ResetHead(i);
        }
    }

    /// <summary>The socket.</summary>
    public int Descriptor => _descriptor;

    /// <summary>The port it is bound to.</summary>
    public int Port { get; }

    /// <summary>Datagrams of the batch that are not stepped over.</summary>
    public int Pending => _count - _at;

    /// <summary>Datagrams received.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes of them, as long as they were on the wire.</summary>
    public long Bytes { get; private set; }

    /// <summary>Datagrams longer than a slot.</summary>
    public long Truncated { get; private set; }

    /// <summary>Datagrams that the kernel dropped, as far as it has said.</summary>
    public long Drops { get; private set; }

    /// <summary>Datagrams without a kernel time.</summary>
    public long Untimed { get; private set; }

    /// <summary>Receives that failed, apart from those that found nothing.</summary>
    public long Errors { get; private set; }

    /// <summary>errno of the last of them.</summary>
    public int LastError { get; private set; }

    /// <summary>First byte of the datagram at hand.</summary>
    public byte* Data => _data.Pointer + ((long)_at * _slot);

    /// <summary>Its bytes on the wire.</summary>
    public int WireLength => (int)_heads[_at].Length;

    /// <summary>Its bytes kept.</summary>
    public int Length => Math.Min(WireLength, _slot);

    /// <summary>Its sender's address, as a number.</summary>
    public uint SourceAddress => BinaryPrimitives.ReverseEndianness(_names[_at].Address);

    /// <summary>Its sender's port.</summary>
    public ushort SourcePort => BinaryPrimitives.ReverseEndianness(_names[_at].Port);

    /// <summary>Its receive time, ns since the Unix epoch; <see cref="long.MinValue"/> where the kernel gave none.</summary>
    public long KernelTime { get; private set; }

    /// <summary>Steps to the next datagram of the batch.</summary>
    /// <returns>False at its end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Step()
    {
        _at++;
        return _at < _count && Take();
    }

    /// <summary>Overwrites the batch with what the kernel has, which may be nothing.</summary>
    /// <returns>Whether there is a datagram at hand.</returns>
    public bool Refill()
    {
        if (_descriptor < 0)
        {
            return false;
        }

        for (int i = 0; i < _count; i++)
        {
            ResetHead(i);
        }

        // SAFETY: as many heads as said, each with memory of its own as the constructor laid out.
        int received = ReceiveMany(_descriptor, _heads.Pointer, (uint)_heads.Length, DontWait | SocketCalls.Truncated, null);
        _at = 0;
        _count = Math.Max(received, 0);
        if (received > 0)
        {
            return Take();
        }

        int error = received < 0 ? Marshal.GetLastPInvokeError() : Again;
        if (error is not (Again or Interrupted))
        {
            Errors++;
            LastError = error;
        }

        return false;
    }

    /// <summary>Asks the kernel for its count of drops, which otherwise comes with the first datagram after them.</summary>
    public void ReadDrops()
    {
        uint* counts = stackalloc uint[MemoryInfoCounts];
        uint length = MemoryInfoCounts * sizeof(uint);

        // SAFETY: the kernel writes at most length bytes into the local array.
        if (GetOption(_descriptor, LevelSocket, MemoryInfo, counts, &length) == 0 && length > MemoryInfoDrops * sizeof(uint))
        {
            NoteDrops(counts[MemoryInfoDrops]);
        }
    }

    /// <summary>Closes the socket and frees its memory; the counters stay.</summary>
    public void Dispose()
    {
        if (_descriptor < 0)
        {
            return;
        }

        _ = Close(_descriptor);
        _descriptor = -1;
        _count = _at = 0;
        _data.Dispose();
        _control.Dispose();
        _heads.Dispose();
        _pieces.Dispose();
        _names.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ResetHead(int i)
    {
        ref MessageHead head = ref _heads[i];
        head.NameLength = (uint)sizeof(SocketAddress);
        head.ControlLength = ControlBytes;
    }

    private bool Take()
    {
        ref MessageHead head = ref _heads[_at];
        Packets++;
        Bytes += head.Length;
        Truncated += (head.Flags & SocketCalls.Truncated) != 0 ? 1 : 0;
        KernelTime = long.MinValue;

        // SAFETY: the kernel wrote ControlLength bytes of control messages; each is read only where it lies within them.
        byte* at = head.Control;
        byte* end = at + Math.Min(head.ControlLength, ControlBytes);
        while (end - at >= ControlHeadBytes)
        {
            ControlHead* control = (ControlHead*)at;
            if (control->Length < ControlHeadBytes || control->Length > (nuint)(end - at))
            {
                break;
            }

            TakeControl(control, at + ControlHeadBytes, (int)control->Length - ControlHeadBytes);
            at += Math.Min((control->Length + 7) & ~(nuint)7, (nuint)(end - at));
        }

        Untimed += KernelTime == long.MinValue ? 1 : 0;
        return true;
    }

    private void TakeControl(ControlHead* control, byte* data, int length)
    {
        // SAFETY: the caller has checked that length bytes are there.
        if (control->Level != LevelSocket)
        {
            return;
        }

        if (control->Kind == TimestampNanos && length >= sizeof(TimeSpecification))
        {
            TimeSpecification* time = (TimeSpecification*)data;
            KernelTime = (time->Seconds * NanosPerSecond) + time->Nanos;
        }
        else if (control->Kind == QueueOverflow && length >= sizeof(uint))
        {
            NoteDrops(*(uint*)data);
        }
    }

    /// <summary>Takes the kernel's running count, which wraps, and which a datagram carries as it was when that was queued.</summary>
    private void NoteDrops(uint count)
    {
        uint more = count - _dropsSeen;
        if (more <= int.MaxValue)
        {
            Drops += more;
            _dropsSeen = count;
        }
    }
}
