using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.TestKit.Books;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Support;

/// <summary>An entry of the tape.</summary>
internal sealed record TapeEntry(long Time, int Instrument, long Bid, long Ask, BookTrust Trust);

/// <summary>The tape of captures by naive books: after every event, each book that it may have changed is looked at as a whole.</summary>
internal static class NaiveTape
{
    public static List<TapeEntry> Of(string capture, DatasetOptions options)
    {
        using MarketDataSource source = CaptureSource.Open(
            [capture], new FeedOptions { Instruments = new InstrumentTable(options.Limits.Instruments, options.Symbols), Limits = options.Limits });
        var books = new NaiveBooks(options.Limits);
        var tape = new List<TapeEntry>();
        var clocks = new Dictionary<int, long>();
        var last = new Dictionary<int, TapeEntry>();
        long venueClock = 0;
        void Note(int instrument, long time, long bid, long ask, BookTrust trust)
        {
            TapeEntry? before = last.GetValueOrDefault(instrument);
            if (before is null || (before.Bid, before.Ask, before.Trust) != (bid, ask, trust))
            {
                var entry = new TapeEntry(Math.Max(time, before?.Time ?? long.MinValue), instrument, bid, ask, trust);
                tape.Add(entry);
                last[instrument] = entry;
            }
        }

        long Best(int instrument, Side side) => books.Levels(instrument, side).Select(l => (long?)l.Price).FirstOrDefault() ?? DatasetFormat.Absent;
        void Look(int instrument, long time) => Note(instrument, time, Best(instrument, Side.Buy), Best(instrument, Side.Sell), books.Trust(instrument));

        using var buffer = new NativeBuffer<MarketEvent>(options.Limits.EventsPerPacket);
        for (int count; (count = source.Read(buffer.Span)) >= 0;)
        {
            foreach (MarketEvent told in buffer.Span[..count])
            {
                MarketEvent e = told;
                bool isFollowed = e.Flags.HasFlag(EventFlags.Watched) || e.Instrument == MarketEvent.AllInstruments;
                bool isSession = e.Flags.HasFlag(EventFlags.SessionStart);
                venueClock = e.Flags.HasFlag(EventFlags.FromSnapshot) || e.Flags.HasFlag(EventFlags.BadExchangeTime) ? venueClock : Math.Max(venueClock, e.ExchangeTime);
                if (isFollowed || isSession)
                {
                    MarketEvent applied = isFollowed ? e : new MarketEvent { Kind = EventKind.Status, Flags = e.Flags, Instrument = MarketEvent.NoInstrument, Venue = e.Venue };
                    books.Apply(ref applied);
                }

                foreach (int known in last.Keys.Order().ToList())
                {
                    if (isSession)
                    {
                        Note(known, e.ExchangeTime, DatasetFormat.Absent, DatasetFormat.Absent, BookTrust.Recovering);
                    }

                    if ((isSession || e.Instrument == MarketEvent.AllInstruments) && known != e.Instrument)
                    {
                        Look(known, e.Flags.HasFlag(EventFlags.BadExchangeTime) ? venueClock : e.ExchangeTime);
                    }
                }

                if (e.Instrument >= 0 && e.Flags.HasFlag(EventFlags.Watched))
                {
                    clocks[e.Instrument] = Math.Max(clocks.GetValueOrDefault(e.Instrument), e.Flags.HasFlag(EventFlags.FromSnapshot) ? 0 : e.ExchangeTime);
                    if (e.Flags.HasFlag(EventFlags.LastOfEvent))
                    {
                        Look(e.Instrument, e.Flags.HasFlag(EventFlags.FromSnapshot) ? venueClock : clocks[e.Instrument]);
                    }
                }
            }
        }

        return tape;
    }
}
