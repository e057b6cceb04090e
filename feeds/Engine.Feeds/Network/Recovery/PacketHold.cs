using Engine.Core.Memory;

namespace Engine.Feeds.Network.Recovery;

/// <summary>
/// Packets that came before their turn, in order of sequence by session, in memory of a fixed size. Who waits for what, and for
/// how long, is decided by <see cref="GapKeeper"/>.
/// </summary>
internal sealed unsafe class PacketHold : IDisposable
{
    /// <summary>No packet.</summary>
    public const int None = -1;

    private readonly NativeBuffer<HeldPacket> _packets;
    private readonly NativeBuffer<byte> _payloads;
    private readonly HeldQueue[] _queues = new HeldQueue[SequenceSessions.MaxSessions];
    private readonly int _payloadBytes;
    private int _free = None;
    private int _used;

    /// <param name="limits">How many packets of which size.</param>
    public PacketHold(EngineLimits limits)
    {
        _packets = new NativeBuffer<HeldPacket>(limits.HeldPackets);
        _payloads = new NativeBuffer<byte>(limits.HeldPackets * limits.HeldPacketBytes);
        _payloadBytes = limits.HeldPacketBytes;
        Array.Fill(_queues, new HeldQueue { First = None, Last = None });
    }

    /// <summary>A bit for each session that has packets here.</summary>
    public uint Sessions { get; private set; }

    /// <summary>A session's queue.</summary>
    public ref HeldQueue Queue(int session) => ref _queues[session];

    /// <summary>A held packet.</summary>
    public ref HeldPacket this[int slot] => ref _packets[slot];

    /// <summary>The bytes of a held packet.</summary>
    public byte* Payload(int slot) => _payloads.Pointer + ((nint)slot * _payloadBytes);

    /// <summary>The held packet of a session behind which a sequence belongs; <see cref="None"/> for the front.</summary>
    public int Before(int session, ulong sequence)
    {
        ref HeldQueue queue = ref _queues[session];
        int slot = queue.Last;
        if (slot != None && sequence < _packets[slot].Sequence && sequence - Math.Min(sequence, _packets[queue.First].Sequence) < _packets[slot].Sequence - sequence)
        {
            return BeforeFromFront(queue.First, sequence);
        }

        while (slot != None && _packets[slot].Sequence > sequence)
        {
            slot = _packets[slot].Previous;
        }

        return slot;
    }

    private int BeforeFromFront(int next, ulong sequence)
    {
        int slot = None;
        for (; next != None && _packets[next].Sequence <= sequence; next = _packets[next].Next)
        {
            slot = next;
        }

        return slot;
    }

    /// <summary>Keeps a copy of a packet.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="before">What <see cref="Before"/> answered.</param>
    /// <param name="packet">Its description; the links are set here.</param>
    /// <param name="payload">Its bytes.</param>
    /// <returns>False where there is no room for it.</returns>
    public bool TryAdd(int session, int before, in HeldPacket packet, byte* payload)
    {
        int slot = _free != None ? _free : _used < _packets.Length ? _used : None;
        if (slot == None || packet.Length > _payloadBytes)
        {
            return false;
        }

        if (slot == _free)
        {
            _free = _packets[slot].Next;
        }
        else
        {
            _used++;
        }

        ref HeldQueue queue = ref _queues[session];
        ref HeldPacket held = ref _packets[slot];
        held = packet;
        held.Previous = before;
        held.Next = before == None ? queue.First : _packets[before].Next;
        (before == None ? ref queue.First : ref _packets[before].Next) = slot;
        (held.Next == None ? ref queue.Last : ref _packets[held.Next].Previous) = slot;

        // SAFETY: the slot has room for Length bytes, and the caller's packet holds them.
        Buffer.MemoryCopy(payload, Payload(slot), _payloadBytes, packet.Length);
        Sessions |= 1u << session;
        return true;
    }

    /// <summary>Takes the first packet off a session's queue. Its memory stays as it is until <see cref="Free"/>.</summary>
    public int TakeFirst(int session)
    {
        ref HeldQueue queue = ref _queues[session];
        int slot = queue.First;
        queue.First = _packets[slot].Next;
        (queue.First == None ? ref queue.Last : ref _packets[queue.First].Previous) = None;
        if (queue.First == None)
        {
            Sessions &= ~(1u << session);
        }

        return slot;
    }

    /// <summary>Gives a slot's memory back.</summary>
    public void Free(int slot)
    {
        _packets[slot].Next = _free;
        _free = slot;
    }

    /// <summary>Drops all of a session's packets.</summary>
    public void Drop(int session)
    {
        while (_queues[session].First != None)
        {
            Free(TakeFirst(session));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packets.Dispose();
        _payloads.Dispose();
    }
}
