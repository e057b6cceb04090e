using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Instruments;
using Engine.Feeds.Network;

namespace Engine.Feeds.Itch;

/// <summary>What the messages of a run have in common.</summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct ItchContext
{
    /// <summary>The stream's locate entries.</summary>
    public int* Locates;

    /// <summary>The session's midnight, ns since the Unix epoch.</summary>
    public long Midnight;

    /// <summary>Receive time; 0 with <see cref="ReceiveMask"/> −1.</summary>
    public long ReceiveTime;

    /// <summary>−1 where there is no receive time and the exchange time stands in, else 0.</summary>
    public long ReceiveMask;

    /// <summary>Flags of every event.</summary>
    public EventFlags Flags;
}

/// <summary>
/// Turns runs of ITCH 5.0 messages into events, one each. See <see cref="ItchLayouts"/> for the bytes.
/// </summary>
internal sealed unsafe class ItchDecoder : IDisposable
{
    /// <summary>In the table of sides: neither buy nor sell.</summary>
    private const int NoSide = 0x80;

    private readonly FeedStatistics _statistics;
    private readonly ItchInstruments _instruments;
    private readonly MessageSlots _messages;
    private readonly NativeBuffer<byte> _sides = new(256);
    private readonly long* _counts;

    /// <param name="statistics">Counts messages by type and whatever is wrong with them.</param>
    /// <param name="instruments">Learns locates and symbols.</param>
    /// <param name="messages">Notes which message each event came from.</param>
    public ItchDecoder(FeedStatistics statistics, ItchInstruments instruments, MessageSlots messages)
    {
        _statistics = statistics;
        _instruments = instruments;
        _messages = messages;
        _sides.Span.Fill(NoSide);
        _sides['B'] = (byte)Side.Buy;
        _sides['S'] = (byte)Side.Sell;

        // SAFETY: the array is allocated pinned, and the statistics object that this decoder holds keeps it alive.
        _counts = (long*)Marshal.UnsafeAddrOfPinnedArrayElement(statistics.MessagesByType, 0);
    }

    /// <summary>
    /// Decodes messages until the run is done or the events are full. When the bytes end early, or a length is 0, it stops
    /// there and says so in the run: what that means is the caller's to know.
    /// </summary>
    /// <param name="run">Where to read; moved on.</param>
    /// <param name="context">What the messages share.</param>
    /// <param name="events">Receives the events, from <paramref name="written"/> on.</param>
    /// <param name="written">Events there already.</param>
    /// <param name="limit">Events there may be; at most the capacity of the message slots.</param>
    /// <returns>Events there are now.</returns>
    public int Decode(ref MessageRun run, in ItchContext context, MarketEvent* events, int written, int limit)
    {
        while (true)
        {
            written += DecodeOrdinary(ref run, in context, events, written, limit);
            if (run.Remaining <= 0 || written >= limit || run.Stopped)
            {
                return written;
            }

            written += DecodeNext(ref run, in context, events, written);
        }
    }

    /// <summary>Decodes up to the first message that is not an ordinary order message of a known instrument. It calls nothing, so that what the
    /// messages share stays in registers.</summary>
    /// <returns>How many were decoded. The run stands at what comes next.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int DecodeOrdinary(ref MessageRun run, in ItchContext context, MarketEvent* events, int written, int limit)
    {
        byte* at = run.At;
        byte* end = run.End;
        ulong sequence = run.Sequence;
        int* locates = context.Locates;
        long midnight = context.Midnight, receiveTime = context.ReceiveTime, receiveMask = context.ReceiveMask;
        uint flags = (uint)context.Flags << 24;
        ItchLayout* layouts = ItchLayouts.Table;
        byte* sides = _sides.Pointer;
        long* counts = _counts;
        nint* note = _messages.Pointer + written;
        MarketEvent* first = events + written;
        MarketEvent* target = first;
        MarketEvent* full = first + Math.Min(run.Remaining, limit - written);

        // SAFETY: [at, end) is mapped. The length prefix is read only where two bytes are left, and the test behind it makes
        // sure that the message is not empty and ends at or before end; FastLength equal to the length makes every offset of the
        // layout lie inside it (the layout tests check the table). limit <= the sizes of events and messages.
        while (target < full)
        {
            long room = end - at - 2;
            if (room < 0)
            {
                run.Stopped = true;
                break;
            }

            nuint length = U16(at);
            if (length - 1 >= (nuint)room)
            {
                run.Stopped = true;
                break;
            }

            byte* message = at + 2;
            nuint type = *message;
            ItchLayout* layout = layouts + type;
            if (length != layout->FastLength)
            {
                break;
            }

            int entry = locates[U16(message + 1)];
            int side = sides[message[layout->SideOffset]] & layout->SideMask;
            if (((~entry & InstrumentEntry.Settled) | (side & NoSide)) != 0)
            {
                break;
            }

            at = message + length;
            counts[type]++;
            *note++ = (nint)message;
            Write(target, message, layout, entry, side, midnight, receiveTime, receiveMask, flags);
            target->Sequence = sequence++;
            target++;
        }

        int count = (int)(target - first);
        run.At = at;
        run.Remaining -= count;
        run.Sequence = sequence;
        return count;
    }

    /// <summary>Decodes one message that is there whole, whatever it is; 1 when it became an event.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int DecodeNext(ref MessageRun run, in ItchContext context, MarketEvent* events, int written)
    {
        // SAFETY: the message ends at or before the run's end.
        int length = (int)U16(run.At);
        byte* message = run.At + 2;
        run.At = message + length;
        run.Remaining--;
        _counts[*message]++;
        _messages.Pointer[written] = (nint)message;
        return DecodeSlow(events + written, message, length, run.Sequence++, in context);
    }

    /// <summary>Frees the table of sides.</summary>
    public void Dispose() => _sides.Dispose();

    /// <summary>Everything that is not an ordinary order message of a known instrument; 1 when it became an event.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int DecodeSlow(MarketEvent* target, byte* message, int length, ulong sequence, in ItchContext context)
    {
        byte type = *message;
        ItchLayout* layout = ItchLayouts.Table + type;
        if (length != layout->WireLength && !_statistics.Accepts(type, length, layout->WireLength, layout->WireLength))
        {
            return 0;
        }

        // SAFETY: the message is at least as long as its layout from here on.
        int side = _sides[message[layout->SideOffset]] & layout->SideMask;
        if ((side & NoSide) != 0)
        {
            _statistics.BadSide++;
            return 0;
        }

        ref int entry = ref context.Locates[U16(message + 1)];
        int settled = (entry & InstrumentEntry.Settled) != 0 ? entry : _instruments.Resolve(ref entry, message, layout->SymbolOffset);
        if (InstrumentEntry.IsRefused(settled))
        {
            _statistics.RefusedEvents++;
            _statistics.RefusedInstruments = _instruments.RefusedInstruments;
        }

        Write(
            target, message, layout, settled, side, context.Midnight, context.ReceiveTime, context.ReceiveMask, (uint)context.Flags << 24);
        target->Sequence = sequence;
        if (type == 'C' && message[31] == 'N')
        {
            target->Flags |= EventFlags.NonPrintable;
        }
        else if (type == 'Q')
        {
            target->Quantity = (long)Math.Min(U64(message + 11), long.MaxValue);
        }

        return 1;
    }

    /// <summary>One event but for its sequence, every field by offset and mask: the same instructions for every type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(
        MarketEvent* target, byte* message, ItchLayout* layout, int entry, int side, long midnight, long receiveTime, long receiveMask, uint flags)
    {
        // SAFETY: the message is at least as long as the layout; a field that the type lacks has offset 0 and mask 0, and reads
        // the message's own first bytes (the shortest type has 12). The eight bytes at 3 end where the head ends.
        long time = midnight + (long)(U64(message + 3) & 0xFFFF_FFFF_FFFF);
        target->ExchangeTime = time;
        target->ReceiveTime = receiveTime | (time & receiveMask);
        target->Price = (U32(message + layout->PriceOffset) * layout->PriceFactor) | layout->PriceAbsent;
        target->Quantity = (U32(message + layout->QuantityOffset) & layout->QuantityMask) | layout->QuantityAbsent;
        target->OrderId = U64(message + layout->OrderOffset) & layout->OrderMask;
        target->Reference = U64(message + layout->ReferenceOffset) & layout->ReferenceMask;

        // Instrument, venue, kind, side and flags are the eight bytes at 48.
        uint high = layout->Header | ((uint)side << 16) | flags | ((uint)(entry & InstrumentEntry.Watched) << 28);
        *(ulong*)&target->Instrument = (uint)(entry >> InstrumentEntry.Shift) | ((ulong)high << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint U16(byte* at) => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long U32(byte* at) => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong U64(byte* at) => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(at));
}
