using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Network;

namespace Engine.Feeds.Itch;

/// <summary>ITCH 5.0 in MoldUDP64.</summary>
internal sealed unsafe class ItchFeed : PacketFeed
{
    private readonly ItchInstruments _instruments;
    private readonly ItchDecoder _decoder;
    private readonly long[] _midnights = new long[SequenceSessions.MaxSessions];
    private readonly DateOnly? _fixedDate;
    private ItchContext _context;

    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">Counts what is seen.</param>
    /// <param name="isEnded">Whether a capture has no packet left.</param>
    public ItchFeed(FeedOptions options, FeedStatistics statistics, Func<int, bool> isEnded)
        : base(options, statistics, isEnded, MessageFraming.Nasdaq)
    {
        _fixedDate = options.Date;
        _instruments = new ItchInstruments(options.Instruments, SequenceSessions.MaxSessions);
        _decoder = new ItchDecoder(statistics, _instruments, Messages);
    }

    /// <inheritdoc/>
    public override Venue Venue => Venue.Itch50;

    /// <inheritdoc/>
    public override string Format => "MoldUDP64 / ITCH 5.0";

    /// <inheritdoc/>
    public override MessageText Text => ItchMessageText.Instance;

    /// <inheritdoc/>
    public override void Accept(in UdpPayload payload, in PacketInfo info)
    {
        if (payload.Length < MoldHeader.Size)
        {
            Statistics.OtherUdpPackets++;
            return;
        }

        // SAFETY: the payload holds a whole head.
        SequencedPacket packet = MoldHeader.Read(payload.Data, payload.Length);
        int session = Sessions.Find(packet, payload.Group, info);
        if (session < 0 && !MoldHeader.IsPlausible(payload.Data, payload.Length, info.IsTruncated))
        {
            Statistics.OtherUdpPackets++;
            return;
        }

        Sessions.Accept(packet, session, payload, info);
        session = Sessions.Plan.Session;
        if (Sessions.Plan.Fresh)
        {
            SetUp(session, info);
        }

        Enter(session, info);
    }

    /// <inheritdoc/>
    public override string StreamName(int session) => MoldHeader.SessionName(Sessions.Name(session));

    /// <inheritdoc/>
    public override void Enter(int session, in PacketInfo info)
    {
        _context.Locates = _instruments.Stream(session);
        _context.Midnight = _midnights[session];
        _context.ReceiveTime = info.Time;
        _context.Flags = info.Flags;
    }

    /// <inheritdoc/>
    public override int Decode(ref MessageRun run, MarketEvent* events, int written, int limit) =>
        _decoder.Decode(ref run, in _context, events, written, limit);

    /// <inheritdoc/>
    public override bool TryPeekTime(in MessageRun run, out long time)
    {
        // SAFETY: the time is read only where a whole message head is left in the packet.
        bool hasTime = run.Remaining > 0 && run.End - run.At >= 2 + ItchLayouts.Head;
        time = hasTime
            ? _context.Midnight + (long)(BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(run.At + 5)) & 0xFFFF_FFFF_FFFF)
            : 0;
        return hasTime;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _instruments.Dispose();
        _decoder.Dispose();
        base.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetUp(int session, in PacketInfo info)
    {
        _instruments.Reset(session);
        Statistics.ConcurrentSessions += Sessions.Live > 1 ? 1 : 0;
        DateOnly date = _fixedDate ?? UsEastern.DateAt(info.Time);
        if ((_fixedDate is null && !info.HasClock) || !UsEastern.HasMidnight(date))
        {
            _midnights[session] = 0; // No packet says a time, or none that can be: the date stays unknown, times count from midnight.
            return;
        }

        _midnights[session] = UsEastern.MidnightUtcNanos(date);
        Date ??= date;
    }
}
