using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// Encodes NASDAQ TotalView-ITCH 5.0 messages and hands each to a sink. Every message begins
/// <code>
///  0      1        3          5                11
///  +------+--------+----------+----------------+------
///  | type | locate | tracking | timestamp (48) | body…      all big-endian
///  +------+--------+----------+----------------+------
/// </code>
/// with the timestamp in nanoseconds since midnight US Eastern. Prices are in units of 1e-4 dollars. The tracking number is 0.
/// Source: NASDAQ TotalView-ITCH 5.0 specification.
/// </summary>
public sealed class ItchWriter : IExchangeFeed
{
    /// <summary>Bytes of the longest message (I).</summary>
    public const int LongestMessage = 50;

    private const int BodyOffset = 11;
    private readonly IMessageSink _sink;
    private readonly byte[] _buffer = new byte[LongestMessage];

    /// <param name="sink">Where the messages go.</param>
    public ItchWriter(IMessageSink sink) => _sink = sink;

    /// <inheritdoc/>
    public long TimeNanos { get; set; }

    /// <summary>S, 12 bytes: system event; O S Q begin messages, system hours and market hours, M E C end them.</summary>
    public void SystemEvent(char code)
    {
        Span<byte> m = Head('S', 12, 0);
        m[11] = (byte)code;
        Send(m);
    }

    /// <summary>H, 25 bytes: trading state; T trading, H halted, P paused, Q quotation only.</summary>
    public void TradingAction(ushort locate, ulong stock, char state, uint reason)
    {
        Span<byte> m = Head('H', 25, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], stock);
        m[19] = (byte)state;
        m[20] = (byte)' ';
        BinaryPrimitives.WriteUInt32BigEndian(m[21..], reason);
        Send(m);
    }

    /// <summary>Y, 20 bytes: short sale restriction; 0 none, 1 by a fall in price today, 2 in effect.</summary>
    public void ShortSaleRestriction(ushort locate, ulong stock, char action)
    {
        Span<byte> m = Head('Y', 20, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], stock);
        m[19] = (byte)action;
        Send(m);
    }

    /// <summary>L, 26 bytes: a market participant's position in a stock.</summary>
    public void ParticipantPosition(ushort locate, uint participant, ulong stock, bool isPrimary)
    {
        Span<byte> m = Head('L', 26, locate);
        BinaryPrimitives.WriteUInt32BigEndian(m[11..], participant);
        BinaryPrimitives.WriteUInt64BigEndian(m[15..], stock);
        m[23] = (byte)(isPrimary ? 'Y' : 'N');
        m[24] = (byte)'N'; // market maker mode: normal
        m[25] = (byte)'A'; // participant state: active
        Send(m);
    }

    /// <summary>R, 39 bytes: an instrument of the day.</summary>
    /// <param name="locate">The number that stands for it today.</param>
    /// <param name="stock">Its symbol, packed.</param>
    /// <param name="roundLotShares">Shares of a round lot.</param>
    public void StockDirectory(ushort locate, ulong stock, uint roundLotShares)
    {
        Span<byte> m = Head('R', 39, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], stock);
        m[19] = (byte)'Q'; // market category: Global Select
        m[20] = (byte)'N'; // financial status: normal
        BinaryPrimitives.WriteUInt32BigEndian(m[21..], roundLotShares);
        m[25] = (byte)'N'; // round lots only: no
        m[26] = (byte)'C'; // classification: common stock
        m[27] = (byte)'Z'; // sub-type: not applicable
        m[28] = (byte)' ';
        m[29] = (byte)'P'; // authenticity: production
        m[30] = (byte)'N'; // short sale threshold
        m[31] = (byte)'N'; // initial public offering
        m[32] = (byte)'1'; // limit up, limit down tier
        m[33] = (byte)'N'; // exchange traded product
        BinaryPrimitives.WriteUInt32BigEndian(m[34..], 0);
        m[38] = (byte)'N'; // inverse
        Send(m);
    }

    /// <summary>A, 36 bytes: an order is displayed.</summary>
    public void AddOrder(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price)
    {
        Span<byte> m = Head('A', 36, locate);
        WriteOrder(m, order, isBuy, shares, stock, price);
        Send(m);
    }

    /// <summary>F, 40 bytes: an order is displayed with its participant.</summary>
    public void AddOrderAttributed(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price, uint participant)
    {
        Span<byte> m = Head('F', 40, locate);
        WriteOrder(m, order, isBuy, shares, stock, price);
        BinaryPrimitives.WriteUInt32BigEndian(m[36..], participant);
        Send(m);
    }

    /// <summary>E, 31 bytes: shares of a displayed order trade at its price.</summary>
    public void OrderExecuted(ushort locate, ulong order, uint shares, ulong match)
    {
        Span<byte> m = Head('E', 31, locate);
        WriteExecution(m, order, shares, match);
        Send(m);
    }

    /// <summary>C, 36 bytes: shares of a displayed order trade at another price; not printable when part of a cross.</summary>
    public void OrderExecutedWithPrice(ushort locate, ulong order, uint shares, ulong match, bool isPrintable, uint price)
    {
        Span<byte> m = Head('C', 36, locate);
        WriteExecution(m, order, shares, match);
        m[31] = (byte)(isPrintable ? 'Y' : 'N');
        BinaryPrimitives.WriteUInt32BigEndian(m[32..], price);
        Send(m);
    }

    /// <summary>X, 23 bytes: shares of an order are cancelled and some stay.</summary>
    public void OrderCancel(ushort locate, ulong order, uint shares)
    {
        Span<byte> m = Head('X', 23, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], order);
        BinaryPrimitives.WriteUInt32BigEndian(m[19..], shares);
        Send(m);
    }

    /// <summary>D, 19 bytes: an order leaves the book.</summary>
    public void OrderDelete(ushort locate, ulong order)
    {
        Span<byte> m = Head('D', 19, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], order);
        Send(m);
    }

    /// <summary>U, 35 bytes: an order leaves and another comes at the end of its queue; side and stock stay.</summary>
    public void OrderReplace(ushort locate, ulong oldOrder, ulong newOrder, uint shares, uint price)
    {
        Span<byte> m = Head('U', 35, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], oldOrder);
        BinaryPrimitives.WriteUInt64BigEndian(m[19..], newOrder);
        BinaryPrimitives.WriteUInt32BigEndian(m[27..], shares);
        BinaryPrimitives.WriteUInt32BigEndian(m[31..], price);
        Send(m);
    }

    /// <summary>P, 44 bytes: a hidden order trades. Order number 0 and side B, as the exchange has written them since 2014.</summary>
    public void HiddenTrade(ushort locate, uint shares, ulong stock, uint price, ulong match)
    {
        Span<byte> m = Head('P', 44, locate);
        WriteOrder(m, 0, true, shares, stock, price);
        BinaryPrimitives.WriteUInt64BigEndian(m[36..], match);
        Send(m);
    }

    /// <summary>Q, 40 bytes: an auction's print; O opening, C closing.</summary>
    public void CrossTrade(ushort locate, ulong shares, ulong stock, uint price, ulong match, char crossType)
    {
        Span<byte> m = Head('Q', 40, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], shares);
        BinaryPrimitives.WriteUInt64BigEndian(m[19..], stock);
        BinaryPrimitives.WriteUInt32BigEndian(m[27..], price);
        BinaryPrimitives.WriteUInt64BigEndian(m[31..], match);
        m[39] = (byte)crossType;
        Send(m);
    }

    /// <summary>B, 19 bytes: an earlier trade is broken; no book changes.</summary>
    public void BrokenTrade(ushort locate, ulong match)
    {
        Span<byte> m = Head('B', 19, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], match);
        Send(m);
    }

    /// <summary>I, 50 bytes: the net order imbalance before an auction.</summary>
    public void Imbalance(ushort locate, ulong stock, in AuctionImbalance state)
    {
        Span<byte> m = Head('I', 50, locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], state.PairedShares);
        BinaryPrimitives.WriteUInt64BigEndian(m[19..], state.ImbalanceShares);
        m[27] = (byte)state.Direction;
        BinaryPrimitives.WriteUInt64BigEndian(m[28..], stock);
        BinaryPrimitives.WriteUInt32BigEndian(m[36..], state.FarPrice);
        BinaryPrimitives.WriteUInt32BigEndian(m[40..], state.NearPrice);
        BinaryPrimitives.WriteUInt32BigEndian(m[44..], state.ReferencePrice);
        m[48] = (byte)state.CrossType;
        m[49] = (byte)'L'; // near price less than 1 % from the reference
        Send(m);
    }

    /// <inheritdoc/>
    public void EndOfEvent(ushort locate)
    {
        // Every ITCH message leaves a book that may be read.
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _sink.Finish(timeNanos);

    private static void WriteOrder(Span<byte> m, ulong order, bool isBuy, uint shares, ulong stock, uint price)
    {
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], order);
        m[19] = (byte)(isBuy ? 'B' : 'S');
        BinaryPrimitives.WriteUInt32BigEndian(m[20..], shares);
        BinaryPrimitives.WriteUInt64BigEndian(m[24..], stock);
        BinaryPrimitives.WriteUInt32BigEndian(m[32..], price);
    }

    private static void WriteExecution(Span<byte> m, ulong order, uint shares, ulong match)
    {
        BinaryPrimitives.WriteUInt64BigEndian(m[11..], order);
        BinaryPrimitives.WriteUInt32BigEndian(m[19..], shares);
        BinaryPrimitives.WriteUInt64BigEndian(m[23..], match);
    }

    private Span<byte> Head(char type, int length, ushort locate)
    {
        Span<byte> m = _buffer.AsSpan(0, length);
        m[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(m[1..], locate);
        BinaryPrimitives.WriteUInt16BigEndian(m[3..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(m[5..], (ushort)(TimeNanos >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(m[7..BodyOffset], (uint)TimeNanos);
        return m;
    }

    private void Send(ReadOnlySpan<byte> message) => _sink.Message(TimeNanos, message);
}
