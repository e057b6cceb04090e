using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// Tells the exchange's day in IEX DEEP 1.0 messages, little-endian. All begin
/// <code>
///  0      1              2              10
///  +------+--------------+--------------+-------------------
///  | type | flags, state | Unix ns, i64 | symbol a8, body…
///  +------+--------------+--------------+-------------------
/// </code>
/// DEEP shows price levels. Each level that an event has touched is told once, with what it holds after it; all but the last
/// say that the event goes on (event flags 0), the last that the book may be read (1). Trades are told before the levels they
/// take from. Executions that are not printable have no report, nor has the break of a trade that had none; participants'
/// positions have no message. Source: IEX, DEEP Specification 1.06 (DEEP 1.0).
/// </summary>
public sealed class DeepWriter : IExchangeFeed
{
    private const int LongestMessage = 80;
    private const byte EventGoesOn = 0, EventComplete = 1;
    private const byte OddLotFlag = 0x20, CrossFlag = 0x08;
    private const uint OddLotLimit = 100;
    private const long NanosPerSecond = 1_000_000_000;
    private const long OpeningSecond = 34_200, ClosingSecond = 57_600;
    private readonly IMessageSink _sink;
    private readonly long _midnightUnixNanos;
    private readonly byte[] _buffer = new byte[LongestMessage];
    private readonly DisplayedOrders _orders = new();
    private readonly ulong[] _stocks = new ulong[SimulationOptions.InstrumentLimit + 1];
    private readonly LastTrade[] _lastTrades = new LastTrade[SimulationOptions.InstrumentLimit + 1];
    private readonly List<TouchedLevel> _touched = [];

    /// <param name="sink">Where the messages go.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public DeepWriter(IMessageSink sink, long midnightUnixNanos)
    {
        _sink = sink;
        _midnightUnixNanos = midnightUnixNanos;
    }

    /// <inheritdoc/>
    public long TimeNanos { get; set; }

    /// <summary>S, 10 bytes: system event.</summary>
    public void SystemEvent(char code)
    {
        Span<byte> m = Head('S', 10, (byte)(code == 'Q' ? 'R' : code)); // R: regular market hours begin
        Send(m);
    }

    /// <summary>D, 31 bytes: an instrument of the day.</summary>
    public void StockDirectory(ushort locate, ulong stock, uint roundLotShares)
    {
        _stocks[locate] = stock;
        Span<byte> m = SymbolHead('D', 31, 0, locate);
        BinaryPrimitives.WriteUInt32LittleEndian(m[18..], roundLotShares);
        m[30] = 1; // limit up, limit down tier
        Send(m);
    }

    /// <summary>H, 22 bytes: trading status.</summary>
    public void TradingAction(ushort locate, ulong stock, char state, uint reason)
    {
        Span<byte> m = SymbolHead('H', 22, (byte)(state == 'Q' ? 'H' : state), locate);
        BinaryPrimitives.WriteUInt32BigEndian(m[18..], reason);
        Send(m);
    }

    /// <summary>P, 19 bytes: short sale price test status.</summary>
    public void ShortSaleRestriction(ushort locate, ulong stock, char action)
    {
        Span<byte> m = SymbolHead('P', 19, (byte)(action == '0' ? 0 : 1), locate);
        m[18] = (byte)(action switch { '1' => 'A', '2' => 'C', _ => ' ' });
        Send(m);
    }

    /// <summary>The feed has no such message.</summary>
    public void ParticipantPosition(ushort locate, uint participant, ulong stock, bool isPrimary)
    {
    }

    /// <summary>An order changes its level.</summary>
    public void AddOrder(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price)
    {
        Touch(locate, isBuy, price);
        _orders.Add(locate, order, isBuy, shares, price);
    }

    /// <summary>An order changes its level; the feed names no participant.</summary>
    public void AddOrderAttributed(
        ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price, uint participant) =>
        AddOrder(locate, order, isBuy, shares, stock, price);

    /// <summary>T, 38 bytes, and the level changes.</summary>
    public void OrderExecuted(ushort locate, ulong order, uint shares, ulong match) =>
        OrderExecutedWithPrice(locate, order, shares, match, true, _orders.Find(order).Price);

    /// <summary>T, 38 bytes, if it is printable, and the level changes.</summary>
    public void OrderExecutedWithPrice(ushort locate, ulong order, uint shares, ulong match, bool isPrintable, uint price)
    {
        Reduce(locate, order, shares);
        if (isPrintable)
        {
            TradeReport(locate, new LastTrade(match, shares, price, shares < OddLotLimit ? OddLotFlag : (byte)0));
        }
    }

    /// <summary>The level changes.</summary>
    public void OrderCancel(ushort locate, ulong order, uint shares) => Reduce(locate, order, shares);

    /// <summary>The level changes.</summary>
    public void OrderDelete(ushort locate, ulong order) => Reduce(locate, order, _orders.Find(order).Shares);

    /// <summary>Both orders' levels change.</summary>
    public void OrderReplace(ushort locate, ulong oldOrder, ulong newOrder, uint shares, uint price)
    {
        DisplayedOrder old = _orders.Find(oldOrder);
        Reduce(locate, oldOrder, old.Shares);
        Touch(locate, old.IsBuy, price);
        _orders.Add(locate, newOrder, old.IsBuy, shares, price);
    }

    /// <summary>T, 38 bytes: the displayed levels stay.</summary>
    public void HiddenTrade(ushort locate, uint shares, ulong stock, uint price, ulong match) =>
        TradeReport(locate, new LastTrade(match, shares, price, shares < OddLotLimit ? OddLotFlag : (byte)0));

    /// <summary>T, 38 bytes, then X, 26 bytes, the official price, and E, 18 bytes, the end of the auction.</summary>
    public void CrossTrade(ushort locate, ulong shares, ulong stock, uint price, ulong match, char crossType)
    {
        WriteTrade(Head('T', 38, CrossFlag), locate, new LastTrade(match, checked((uint)shares), price, CrossFlag));
        Span<byte> official = SymbolHead('X', 26, (byte)(crossType == 'O' ? 'Q' : 'M'), locate);
        BinaryPrimitives.WriteInt64LittleEndian(official[18..], price);
        Send(official);
        Send(SymbolHead('E', 18, (byte)crossType, locate));
    }

    /// <summary>B, 38 bytes: the instrument's latest reported trade is broken.</summary>
    public void BrokenTrade(ushort locate, ulong match)
    {
        LastTrade last = _lastTrades[locate];
        if (last.Match == match)
        {
            WriteTrade(Head('B', 38, last.Flags), locate, last);
        }
    }

    /// <summary>A, 80 bytes: auction information; there are no collars.</summary>
    public void Imbalance(ushort locate, ulong stock, in AuctionImbalance state)
    {
        Span<byte> m = SymbolHead('A', 80, (byte)state.CrossType, locate);
        long auctionSecond = (_midnightUnixNanos / NanosPerSecond) + (state.CrossType == 'O' ? OpeningSecond : ClosingSecond);
        BinaryPrimitives.WriteUInt32LittleEndian(m[18..], checked((uint)state.PairedShares));
        BinaryPrimitives.WriteInt64LittleEndian(m[22..], state.ReferencePrice);
        BinaryPrimitives.WriteInt64LittleEndian(m[30..], state.NearPrice);
        BinaryPrimitives.WriteUInt32LittleEndian(m[38..], checked((uint)state.ImbalanceShares));
        m[42] = (byte)state.Direction;
        BinaryPrimitives.WriteUInt32LittleEndian(m[44..], (uint)auctionSecond);
        BinaryPrimitives.WriteInt64LittleEndian(m[48..], state.FarPrice);
        Send(m);
    }

    /// <summary>8 (bids) and 5 (asks), 30 bytes: what the touched levels hold; 0 takes a level away.</summary>
    public void EndOfEvent(ushort locate)
    {
        _touched.RemoveAll(level => level.SharesBefore == _orders.LevelShares(locate, level.IsBuy, level.Price));
        for (int i = 0; i < _touched.Count; i++)
        {
            TouchedLevel level = _touched[i];
            byte flags = i == _touched.Count - 1 ? EventComplete : EventGoesOn;
            Span<byte> m = SymbolHead(level.IsBuy ? '8' : '5', 30, flags, locate);
            BinaryPrimitives.WriteUInt32LittleEndian(m[18..], _orders.LevelShares(locate, level.IsBuy, level.Price));
            BinaryPrimitives.WriteInt64LittleEndian(m[22..], level.Price);
            Send(m);
        }

        _touched.Clear();
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _sink.Finish(timeNanos);

    private void Reduce(ushort locate, ulong order, uint shares)
    {
        DisplayedOrder before = _orders.Find(order);
        Touch(locate, before.IsBuy, before.Price);
        _orders.Reduce(locate, order, shares);
    }

    // Remembers a level before the event first changes it.
    private void Touch(ushort locate, bool isBuy, uint price)
    {
        foreach (TouchedLevel level in _touched)
        {
            if (level.IsBuy == isBuy && level.Price == price)
            {
                return;
            }
        }

        _touched.Add(new TouchedLevel(isBuy, price, _orders.LevelShares(locate, isBuy, price)));
    }

    private void TradeReport(ushort locate, in LastTrade trade)
    {
        _lastTrades[locate] = trade;
        WriteTrade(Head('T', 38, trade.Flags), locate, trade);
    }

    private void WriteTrade(Span<byte> m, ushort locate, in LastTrade trade)
    {
        BinaryPrimitives.WriteUInt64BigEndian(m[10..], _stocks[locate]);
        BinaryPrimitives.WriteUInt32LittleEndian(m[18..], trade.Shares);
        BinaryPrimitives.WriteInt64LittleEndian(m[22..], trade.Price);
        BinaryPrimitives.WriteInt64LittleEndian(m[30..], (long)trade.Match);
        Send(m);
    }

    private Span<byte> SymbolHead(char type, int length, byte second, ushort locate)
    {
        Span<byte> m = Head(type, length, second);
        BinaryPrimitives.WriteUInt64BigEndian(m[10..], _stocks[locate]);
        return m;
    }

    private Span<byte> Head(char type, int length, byte second)
    {
        Span<byte> m = _buffer.AsSpan(0, length);
        m.Clear();
        m[0] = (byte)type;
        m[1] = second;
        BinaryPrimitives.WriteInt64LittleEndian(m[2..], _midnightUnixNanos + TimeNanos);
        return m;
    }

    private void Send(ReadOnlySpan<byte> message) => _sink.Message(TimeNanos, message);

    /// <summary>A level as it was before the event.</summary>
    private readonly record struct TouchedLevel(bool IsBuy, uint Price, uint SharesBefore);

    /// <summary>A reported trade.</summary>
    private readonly record struct LastTrade(ulong Match, uint Shares, uint Price, byte Flags);
}
