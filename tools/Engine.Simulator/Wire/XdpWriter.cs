using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// Tells the exchange's day in NYSE Integrated messages, whose heads <see cref="XdpEnvelope"/> draws. An instrument's prices have
/// four decimals, or six if its index divides by three. A participant's position has no message, and neither have the system
/// events but for the trading states that follow from them.
/// Source: NYSE, Pillar Integrated Feed Client Specification 2.5; XDP Integrated Feed Client Specification 2.1.
/// </summary>
public sealed class XdpWriter : IExchangeFeed
{
    /// <summary>Type of the message that begins a channel's numbers.</summary>
    public const ushort SequenceResetType = 1;

    /// <summary>Most channels.</summary>
    public const int ChannelLimit = 2;

    /// <summary>The product that packets' contents name.</summary>
    public const byte ProductId = 17;

    private const uint OddLotLimit = 100;
    private readonly XdpEnvelope _envelope;
    private readonly XdpVersion _version;
    private readonly DisplayedOrders _orders = new();
    private readonly List<ushort> _listed = [];
    private char _marketState = 'P';

    /// <param name="channels">Where each channel's messages go, 1 or 2.</param>
    /// <param name="version">The specification to follow.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public XdpWriter(IReadOnlyList<IMessageSink> channels, XdpVersion version, long midnightUnixNanos)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels.Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels.Count, ChannelLimit);
        _envelope = new XdpEnvelope(channels, midnightUnixNanos);
        _version = version;
    }

    /// <inheritdoc/>
    public long TimeNanos { get => _envelope.TimeNanos; set => _envelope.TimeNanos = value; }

    private bool IsPillar => _version == XdpVersion.Pillar25;

    /// <summary>At the start of messages each channel's numbers begin; market hours begin the core session of every instrument and
    /// then its late one (34): orders rest until the day ends, so that none of them is closed, which would cancel them.</summary>
    public void SystemEvent(char code)
    {
        if (code == 'O')
        {
            for (int channel = 0; channel < _envelope.ChannelCount; channel++)
            {
                BeginChannel(channel);
            }
        }
        else if (code is 'Q' or 'M')
        {
            _marketState = code == 'Q' ? 'O' : 'L';
            foreach (ushort locate in _listed)
            {
                SecurityStatus(locate, _marketState, '~', '~');
            }
        }
    }

    /// <summary>3, 44 bytes: symbol index mapping.</summary>
    public void StockDirectory(ushort locate, ulong stock, uint roundLotShares)
    {
        _listed.Add(locate);
        Span<byte> m = _envelope.Head(3, 44);
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], locate);
        BinaryPrimitives.WriteUInt64BigEndian(m[8..], stock);
        m.Slice(8, 8).Replace((byte)' ', (byte)0);
        BinaryPrimitives.WriteUInt16LittleEndian(m[20..], 1); // market: NYSE
        m[22] = XdpEnvelope.System(_envelope.ChannelOf(locate));
        m[23] = (byte)'N';
        m[24] = (byte)Decimals(locate);
        m[25] = (byte)(IsPillar ? 'C' : 'A'); // common stock
        BinaryPrimitives.WriteUInt16LittleEndian(m[26..], (ushort)roundLotShares);
        m[37] = (byte)'Y'; // round lots are accepted
        BinaryPrimitives.WriteUInt16LittleEndian(m[38..], 1); // least price variation
        BinaryPrimitives.WriteUInt16LittleEndian(m[40..], 1); // unit of trade
        _envelope.Send(locate, m);
    }

    /// <summary>34, 46 bytes: trading goes on in the state that the market has, or is halted.</summary>
    public void TradingAction(ushort locate, ulong stock, char state, uint reason) =>
        SecurityStatus(locate, state == 'T' ? _marketState : '4', state == 'T' ? '~' : state == 'P' ? 'M' : 'D', '~');

    /// <summary>34, 46 bytes: a short sale restriction is off, came today, or goes on.</summary>
    public void ShortSaleRestriction(ushort locate, ulong stock, char action) =>
        SecurityStatus(locate, action switch { '1' => 'A', '2' => 'C', _ => 'D' }, '~', action == '0' ? '~' : 'E');

    /// <summary>The feed has no such message.</summary>
    public void ParticipantPosition(ushort locate, uint participant, ulong stock, bool isPrimary)
    {
    }

    /// <summary>100, 39 bytes: an order is displayed.</summary>
    public void AddOrder(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price) =>
        AddOrderAttributed(locate, order, isBuy, shares, stock, price, 0);

    /// <summary>100, 39 bytes: an order is displayed with its firm.</summary>
    public void AddOrderAttributed(
        ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price, uint participant)
    {
        _orders.Add(locate, order, isBuy, shares, price);
        Span<byte> m = _envelope.OrderHead(100, 39, locate, order);
        WritePriceAndVolume(m[24..], locate, price, shares);
        m[32] = (byte)(isBuy ? 'B' : 'S');
        BinaryPrimitives.WriteUInt32BigEndian(m[33..], participant);
        _envelope.Send(locate, m);
    }

    /// <summary>103, 42 bytes: an execution at the order's price.</summary>
    public void OrderExecuted(ushort locate, ulong order, uint shares, ulong match) =>
        OrderExecutedWithPrice(locate, order, shares, match, true, _orders.Find(order).Price);

    /// <summary>103, 42 bytes: an execution. An order without shares left is gone without a further message.</summary>
    public void OrderExecutedWithPrice(ushort locate, ulong order, uint shares, ulong match, bool isPrintable, uint price)
    {
        _orders.Reduce(locate, order, shares);
        Span<byte> m = _envelope.OrderHead(103, 42, locate, order);
        BinaryPrimitives.WriteUInt32LittleEndian(m[24..], (uint)match);
        WritePriceAndVolume(m[28..], locate, price, shares);
        m[36] = (byte)(isPrintable ? 1 : 0);
        WriteTrade(m[38..], shares, match);
        _envelope.Send(locate, m);
    }

    /// <summary>101, 35 bytes: an order stays at its place with fewer shares.</summary>
    public void OrderCancel(ushort locate, ulong order, uint shares)
    {
        DisplayedOrder left = _orders.Reduce(locate, order, shares);
        Span<byte> m = _envelope.OrderHead(101, 35, locate, order);
        WritePriceAndVolume(m[24..], locate, left.Price, left.Shares);
        m[32] = 0; // position kept
        m[33] = SideOf(left);
        _envelope.Send(locate, m);
    }

    /// <summary>102, 25 bytes: an order leaves the book.</summary>
    public void OrderDelete(ushort locate, ulong order)
    {
        _orders.Remove(locate, order);
        _envelope.Send(locate, _envelope.OrderHead(102, 25, locate, order));
    }

    /// <summary>104, 42 bytes: an order leaves and another comes at the end of its queue.</summary>
    public void OrderReplace(ushort locate, ulong oldOrder, ulong newOrder, uint shares, uint price)
    {
        DisplayedOrder old = _orders.Remove(locate, oldOrder);
        _orders.Add(locate, newOrder, old.IsBuy, shares, price);
        Span<byte> m = _envelope.OrderHead(104, 42, locate, oldOrder);
        BinaryPrimitives.WriteUInt64LittleEndian(m[24..], newOrder);
        WritePriceAndVolume(m[32..], locate, price, shares);
        m[40] = SideOf(old);
        _envelope.Send(locate, m);
    }

    /// <summary>110, 33 bytes: a hidden order trades.</summary>
    public void HiddenTrade(ushort locate, uint shares, ulong stock, uint price, ulong match)
    {
        Span<byte> m = _envelope.TradeHead(110, 33, locate, match);
        WritePriceAndVolume(m[20..], locate, price, shares);
        m[28] = 1; // printed
        WriteTrade(m[29..], shares, match);
        _envelope.Send(locate, m);
    }

    /// <summary>111, 29 bytes: an auction's print.</summary>
    public void CrossTrade(ushort locate, ulong shares, ulong stock, uint price, ulong match, char crossType)
    {
        Span<byte> m = _envelope.TradeHead(111, 29, locate, match);
        WritePriceAndVolume(m[20..], locate, price, checked((uint)shares));
        m[28] = (byte)(crossType == 'O' ? 'O' : '6');
        _envelope.Send(locate, m);
    }

    /// <summary>112, 20 bytes: an earlier trade is broken.</summary>
    public void BrokenTrade(ushort locate, ulong match) => _envelope.Send(locate, _envelope.TradeHead(112, 20, locate, match));

    /// <summary>105, 73 bytes (67 in XDP 2.1): the imbalance before an auction; carries its seconds itself.</summary>
    public void Imbalance(ushort locate, ulong stock, in AuctionImbalance state)
    {
        Span<byte> m = _envelope.TimedHead(105, IsPillar ? 73 : 67, locate);
        char side = state.Direction == 'N' ? ' ' : state.Direction;
        uint imbalance = checked((uint)state.ImbalanceShares);
        WritePriceAndVolume(m[20..], locate, state.ReferencePrice, checked((uint)state.PairedShares));
        BinaryPrimitives.WriteUInt32LittleEndian(m[28..], imbalance);
        BinaryPrimitives.WriteUInt16LittleEndian(m[36..], (ushort)(state.CrossType == 'O' ? 930 : 1600)); // hour and minute
        m[38] = (byte)(state.CrossType == 'O' ? 'M' : 'C');
        m[39] = (byte)side;
        BinaryPrimitives.WriteUInt32LittleEndian(m[40..], Scaled(locate, state.NearPrice));
        BinaryPrimitives.WriteUInt32LittleEndian(m[44..], Scaled(locate, state.FarPrice));
        BinaryPrimitives.WriteUInt32LittleEndian(m[52..], Scaled(locate, state.ReferencePrice));
        if (IsPillar)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(m[67..], imbalance);
            m[71] = (byte)side;
            m[72] = (byte)' ';
        }

        _envelope.Send(locate, m);
    }

    /// <inheritdoc/>
    public void EndOfEvent(ushort locate)
    {
        // The feed tells orders one by one and marks no ends.
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _envelope.Finish(timeNanos);

    private static int Decimals(ushort locate) => locate % 3 == 0 ? 6 : 4;

    // 1e-4 dollars in the instrument's own decimals.
    private static uint Scaled(ushort locate, uint price) => Decimals(locate) == 6 ? checked(price * 100) : price;

    private static void WritePriceAndVolume(Span<byte> m, ushort locate, uint price, uint shares)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(m, Scaled(locate, price));
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], shares);
    }

    // 1, 14 bytes: the channel's numbers begin.
    private void BeginChannel(int channel)
    {
        Span<byte> m = _envelope.Head(SequenceResetType, 14);
        BinaryPrimitives.WriteUInt32LittleEndian(m[4..], _envelope.UnixSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(m[8..], _envelope.Nanos);
        m[12] = ProductId;
        m[13] = (byte)(channel + 1);
        _envelope.SendOn(channel, m);
    }

    // 34, 46 bytes.
    private void SecurityStatus(ushort locate, char status, char haltCondition, char shortSaleState)
    {
        Span<byte> m = _envelope.TimedHead(34, 46, locate);
        m[20] = (byte)status;
        m[21] = (byte)haltCondition;
        m[34] = (byte)' ';
        m[43] = (byte)shortSaleState;
        m[44] = (byte)_marketState;
        _envelope.Send(locate, m);
    }

    // 2.1 has parity splits where 2.5 has the side; this venue has none.
    private byte SideOf(in DisplayedOrder order) => (byte)(!IsPillar ? 0 : order.IsBuy ? 'B' : 'S');

    // Trade conditions, or in 2.1 the number that correlates executions.
    private void WriteTrade(Span<byte> m, uint shares, ulong match)
    {
        if (IsPillar)
        {
            m[0] = (byte)'@'; // regular sale
            m[1] = m[2] = (byte)' ';
            m[3] = (byte)(shares < OddLotLimit ? 'I' : ' ');
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(m, (uint)match);
        }
    }
}
