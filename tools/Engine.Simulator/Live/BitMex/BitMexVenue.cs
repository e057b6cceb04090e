using System.Globalization;
using Engine.Core.Numerics;
using Engine.Core.Time;

namespace Engine.Simulator.Live.BitMex;

/// <summary>
/// The markets and who follows them. What a client sees of a table is whole because both happen under one lock: a partial joins the
/// client's row in the state that the next change changes.
/// </summary>
internal sealed class BitMexVenue
{
    private const double InstrumentProbability = 0.05;

    private readonly Lock _gate = new();
    private readonly List<BitMexClient> _clients = [];
    private readonly BitMexMarket[] _markets;
    private readonly BitMexMessages _messages;
    private readonly BitMexTally _tally;
    private readonly SeededRandom _random;
    private readonly IClock _clock;

    /// <param name="options">Symbols and seed.</param>
    /// <param name="clock">Stamps the messages.</param>
    /// <param name="tally">Counts.</param>
    public BitMexVenue(BitMexServerOptions options, IClock clock, BitMexTally tally)
    {
        _tally = tally;
        _clock = clock;
        _random = new SeededRandom(options.Seed);
        _markets = [.. options.Symbols.Select((symbol, i) => new BitMexMarket(symbol, i, new SeededRandom(_random.NextUInt64()), options.FundingEvery))];
        _messages = new BitMexMessages(clock, options.StampsBooks);
    }

    /// <summary>Makes steps, each in a market of the venue's choice.</summary>
    public void Step(int count)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                BitMexMarket market = _markets[_random.Next(_markets.Length)];
                Change(market, () => market.Step(_messages));
                _tally.Steps++;
            }
        }
    }

    /// <summary>A level appears without a word, and then changes: its id is unknown to the clients.</summary>
    public void LoseInsert(string symbol)
    {
        lock (_gate)
        {
            BitMexMarket market = Market(symbol);
            int? ticks;
            do
            {
                ticks = market.Insert(true, LostJournal.Instance);
            }
            while (ticks is null);
            Change(market, () => market.Resize(true, ticks.Value, _messages));
        }
    }

    /// <summary>The best ask goes without a word and a bid takes its price: the clients' books are crossed.</summary>
    public void LoseDelete(string symbol)
    {
        lock (_gate)
        {
            BitMexMarket market = Market(symbol);
            Change(market, () => market.Push(true, LostJournal.Instance, _messages));
        }
    }

    /// <summary>The levels of a side, best first, as price text and size.</summary>
    public IReadOnlyList<(string Price, long Size)> Book(string symbol, bool isBuy)
    {
        lock (_gate)
        {
            BitMexMarket market = Market(symbol);
            return [.. market.Levels(isBuy).Select(level => (market.Symbol.Price(level.Key), level.Value))];
        }
    }

    /// <summary>What the instrument table says of a symbol.</summary>
    public BitMexReferenceTexts Reference(string symbol)
    {
        lock (_gate)
        {
            BitMexReference reference = Market(symbol).Reference;
            bool hasFunding = reference.Symbol.HasFunding && reference.FundingTime != 0;
            return new BitMexReferenceTexts(
                reference.Symbol.Price(reference.IndexTicks), reference.Symbol.Price(reference.MarkTicks),
                hasFunding ? BitMexReference.Rate(reference.RateMicros) : null, hasFunding ? reference.FundingTime : null);
        }
    }

    /// <summary>All instruments, for the REST address.</summary>
    public byte[] Instruments()
    {
        lock (_gate)
        {
            return _messages.Instruments(_markets);
        }
    }

    /// <summary>A client comes.</summary>
    public void Add(BitMexClient client)
    {
        lock (_gate)
        {
            _clients.Add(client);
        }
    }

    /// <summary>A client goes.</summary>
    public void Remove(BitMexClient client)
    {
        lock (_gate)
        {
            _clients.Remove(client);
        }
    }

    /// <summary>The clients there are.</summary>
    public BitMexClient[] Clients()
    {
        lock (_gate)
        {
            return [.. _clients];
        }
    }

    /// <summary>Subscribes a topic or ends a subscription, and answers.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="topic"><c>table:symbol</c>.</param>
    /// <param name="begins">Whether it is to begin.</param>
    /// <param name="request">The request as it came, for the answer.</param>
    public void Subscribe(BitMexClient client, string topic, bool begins, string request)
    {
        lock (_gate)
        {
            string[] parts = topic.Split(':', 2);
            BitMexMarket? market = parts.Length == 2 ? _markets.FirstOrDefault(m => m.Symbol.Name == parts[1]) : null;
            string? error = !BitMexMessages.Tables.Contains(parts[0]) ? $"Unknown table: {parts[0]}"
                : market is null ? $"Unknown or missing symbol: {topic}"
                : begins && client.Topics.Contains(topic) ? $"You are already subscribed to this topic: {topic}"
                : !begins && !client.Topics.Contains(topic) ? $"You are not subscribed to this topic: {topic}"
                : null;
            if (error is not null)
            {
                client.Refuse(error, request);
                return;
            }

            string op = begins ? "subscribe" : "unsubscribe";
            client.Put(string.Create(CultureInfo.InvariantCulture, $"{{\"success\":true,\"{op}\":\"{topic}\",\"request\":{request}}}"));
            if (begins)
            {
                client.Topics.Add(topic);
                _tally.Subscribed++;
                _tally.Messages++;
                client.PutData(_messages.Partial(parts[0], market!));
            }
            else
            {
                client.Topics.Remove(topic);
                _tally.Unsubscribed++;
            }
        }
    }

    private BitMexMarket Market(string symbol) =>
        _markets.FirstOrDefault(m => m.Symbol.Name == symbol) ?? throw new ArgumentException($"The venue has no '{symbol}'.", nameof(symbol));

    /// <summary>Lets something happen and tells it, with a quote where the best levels changed.</summary>
    private void Change(BitMexMarket market, Action change)
    {
        var before = (market.Best(true), market.Best(false));
        change();
        if (before != (market.Best(true), market.Best(false)))
        {
            _messages.Quote(market);
        }

        if (_random.Chance(InstrumentProbability))
        {
            ChangeInstrument(market, _random.Chance(0.5));
        }

        if (market.Reference.Fund(_clock.NowNanos))
        {
            _messages.Reference(market, BitMexColumns.Funding);
        }

        foreach (BitMexMessage message in _messages.Take())
        {
            foreach (BitMexClient client in _clients)
            {
                if (client.Topics.Contains(message.Topic))
                {
                    _tally.Messages++;
                    client.PutData(message.Text);
                }
            }
        }
    }

    private void ChangeInstrument(BitMexMarket market, bool byTrades)
    {
        if (byTrades)
        {
            _messages.Trades(market);
        }
        else if (market.Reference.Step(market.MiddleTicks) is not BitMexColumns.None and var changed)
        {
            _messages.Reference(market, changed);
        }
    }
}
