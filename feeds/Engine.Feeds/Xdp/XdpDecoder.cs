using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Feeds.Instruments;
using Engine.Feeds.Network;

namespace Engine.Feeds.Xdp;

/// <summary>What the messages of a packet have in common.</summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct XdpContext
{
    /// <summary>The channel's time references: seconds since the Unix epoch by system id, then the latest of any; 0 while unknown.</summary>
    public uint* Seconds;

    /// <summary>When the packet was sent, ns since the Unix epoch.</summary>
    public long SendTime;

    /// <summary>Receive time, ns since the Unix epoch.</summary>
    public long ReceiveTime;

    /// <summary>Flags of every event.</summary>
    public EventFlags Flags;
}

/// <summary>Turns XDP messages into events. See <see cref="XdpLayouts"/> for the bytes.</summary>
/// <remarks>
/// A message is one event, but for a security status that closes the symbol: the venue cancels what rests there and sends no
/// deletes, so that the book is known to be empty. It is a snapshot without orders, one that begins and at once ends.
/// </remarks>
internal sealed unsafe class XdpDecoder
{
    /// <summary>Entries of a channel's time references.</summary>
    public const int References = 257;

    private const int Latest = 256;
    private const long NanosPerSecond = 1_000_000_000;
    private const int TimeReference = 2, Mapping = 3, SecurityStatus = 34, RefreshHeader = 35;
    private const int StatusOffset = 20;

    private readonly FeedStatistics _statistics;
    private readonly XdpSymbols _symbols;
    private readonly MessageSlots _messages;
    private bool _isClosing;

    /// <param name="statistics">Counts messages by type and whatever is wrong with them.</param>
    /// <param name="symbols">Learns symbols and price scales.</param>
    /// <param name="messages">Notes which message each event came from.</param>
    public XdpDecoder(FeedStatistics statistics, XdpSymbols symbols, MessageSlots messages)
    {
        _statistics = statistics;
        _symbols = symbols;
        _messages = messages;
    }

    /// <summary>What <see cref="PacketFeed.Decode"/> promises.</summary>
    public int Decode(ref MessageRun run, in XdpContext context, MarketEvent* events, int written, int limit)
    {
        // SAFETY: [At, End) is readable; a message is looked into only once its size says that it ends at or before End, and a
        // field only once the message is as long as its layout (the layout tests check that all fields lie inside).
        while (run.Remaining > 0 && written < limit)
        {
            long room = run.End - run.At;
            int size = room < XdpLayouts.Head ? 0 : Unsafe.ReadUnaligned<ushort>(run.At);
            if (size < XdpLayouts.Head || size > room)
            {
                run.Stopped = true;
                break;
            }

            byte* message = run.At;
            if (_isClosing)
            {
                EndClosing(message, run.Sequence, in context, events + written);
                _messages.NoteSynthetic(written++);
            }
            else if (Accepts(message, size, out XdpLayout* layout))
            {
                MarketEvent* target = events + written;
                Write(target, message, layout, in context);
                target->Sequence = run.Sequence;
                _messages.Pointer[written++] = (nint)message;
                _isClosing = message[2] == SecurityStatus && target->Kind == EventKind.SnapshotBegin;
                if (_isClosing)
                {
                    // The message stays at hand for its second event, which may only fit into the next read.
                    continue;
                }
            }

            _isClosing = false;
            run.At += size;
            run.Remaining--;
            run.Sequence++;
        }

        return written;
    }

    /// <summary>The exchange time of a message, ns since the Unix epoch.</summary>
    /// <param name="message">At least the eight first bytes of a message, and twelve where its clock is whole.</param>
    /// <param name="layout">Its type's.</param>
    /// <param name="slot">Its instrument's, or null.</param>
    /// <param name="context">What the packet says.</param>
    public long TimeOf(byte* message, XdpLayout* layout, InstrumentSlot* slot, in XdpContext context) => layout->Clock switch
    {
        XdpClock.Nanos => Referred(U32(message + 4), XdpSymbols.System(slot), in context),
        XdpClock.Whole => (U32(message + 4) * NanosPerSecond) + U32(message + 8),
        XdpClock.Seconds => U32(message + 12) * NanosPerSecond,
        _ => context.SendTime,
    };

    private bool Accepts(byte* message, int size, out XdpLayout* layout)
    {
        int type = Unsafe.ReadUnaligned<ushort>(message + 2);
        int counted = type > byte.MaxValue ? 0 : type;
        layout = XdpLayouts.Table + counted;
        _statistics.MessagesByType[counted]++;
        if (!_statistics.Accepts(counted, size, layout->Size, layout->LongSize))
        {
            return false;
        }

        if (layout->Side != 0 && message[layout->Side] is not ((byte)'B' or (byte)'S'))
        {
            _statistics.BadSide++;
            return false;
        }

        return true;
    }

    /// <summary>The second event of a message that closes a symbol; the message stands behind the first one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndClosing(byte* message, ulong sequence, in XdpContext context, MarketEvent* target)
    {
        // SAFETY: the message was accepted when its first event was written: it is as long as its layout.
        long unmapped = _statistics.UnmappedMessages;
        Write(target, message, XdpLayouts.Table + SecurityStatus, in context);
        _statistics.UnmappedMessages = unmapped;
        target->Kind = EventKind.SnapshotEnd;
        target->Sequence = sequence;
    }

    private void Write(MarketEvent* target, byte* message, XdpLayout* layout, in XdpContext context)
    {
        int type = message[2];
        InstrumentSlot* slot = layout->Symbol == 0 ? null
            : type == Mapping ? _symbols.Map(message)
            : _symbols.Of((uint)U32(message + layout->Symbol));
        if (layout->Symbol != 0 && (slot == null || !XdpSymbols.IsMapped(slot)))
        {
            _statistics.UnmappedMessages++;
        }

        int entry = slot == null ? InstrumentEntry.Everything : slot->Entry;
        if (InstrumentEntry.IsRefused(entry))
        {
            _statistics.RefusedEvents++;
            _statistics.RefusedInstruments = _symbols.RefusedInstruments;
        }

        target->ExchangeTime = TimeOf(message, layout, slot, in context);
        target->ReceiveTime = context.ReceiveTime;
        target->Price = layout->Price == 0 ? MarketEvent.Absent : Price(Unsafe.ReadUnaligned<int>(message + layout->Price), slot);
        target->Quantity = layout->Quantity == 0 ? MarketEvent.Absent : U32(message + layout->Quantity);
        target->OrderId = layout->Order == 0 ? 0 : Unsafe.ReadUnaligned<ulong>(message + layout->Order);
        target->Reference = layout->NewOrder != 0 ? Unsafe.ReadUnaligned<ulong>(message + layout->NewOrder)
            : layout->Match != 0 ? (ulong)U32(message + layout->Match) : 0;
        target->Instrument = entry >> InstrumentEntry.Shift;
        target->Venue = Venue.Xdp;
        target->Kind = layout->Kind;
        target->Side = layout->Side == 0 ? Side.None : message[layout->Side] == 'B' ? Side.Buy : Side.Sell;
        target->Flags = context.Flags | layout->Flags | (EventFlags)((entry & InstrumentEntry.Watched) << InstrumentEntry.WatchedToFlag)
            | (layout->Printable != 0 && message[layout->Printable] == 0 ? EventFlags.NonPrintable : EventFlags.None);
        Refine(target, message, type, in context);
    }

    /// <summary>The types that do more than carry fields.</summary>
    private static void Refine(MarketEvent* target, byte* message, int type, in XdpContext context)
    {
        switch (type)
        {
            case TimeReference:
                context.Seconds[message[4]] = context.Seconds[Latest] = (uint)U32(message + 12);
                break;
            case RefreshHeader when Unsafe.ReadUnaligned<ushort>(message + 4) == 1:
                target->Kind = EventKind.SnapshotBegin;
                break;
            case SecurityStatus when message[StatusOffset] == 'X' && target->Instrument >= 0 && (target->Flags & EventFlags.FromSnapshot) == 0:
                target->Kind = EventKind.SnapshotBegin;
                break;
            default:
                // A clear that names no instrument there is room for must not empty the others.
                target->Kind = target->Kind == EventKind.Clear && target->Instrument < 0 ? EventKind.Status : target->Kind;
                break;
        }
    }

    private long Price(long wire, InstrumentSlot* slot)
    {
        long factor = XdpSymbols.PriceFactor(slot);
        if (factor == 0)
        {
            _statistics.PricesWithoutScale++;
            return MarketEvent.Absent;
        }

        return wire * factor;
    }

    /// <summary>Nanoseconds within the second of the instrument's matching engine; of the channel while that has sent none; of the
    /// packet while nobody has.</summary>
    private long Referred(long nanos, int system, in XdpContext context)
    {
        uint seconds = context.Seconds[system] != 0 ? context.Seconds[system] : context.Seconds[Latest];
        if (seconds != 0)
        {
            return (seconds * NanosPerSecond) + nanos;
        }

        _statistics.TimesWithoutReference++;
        long second = context.SendTime / NanosPerSecond;
        return ((second - (nanos > context.SendTime % NanosPerSecond ? 1 : 0)) * NanosPerSecond) + nanos;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long U32(byte* at) => Unsafe.ReadUnaligned<uint>(at);
}
