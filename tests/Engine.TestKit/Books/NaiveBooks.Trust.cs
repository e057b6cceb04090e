using Engine.Books;
using Engine.Core.Events;

namespace Engine.TestKit.Books;

/// <content>Which books are known, and which can be believed.</content>
public sealed partial class NaiveBooks
{
    private void EndSnapshot(in MarketEvent e)
    {
        List<int> ended = e.Instrument == MarketEvent.AllInstruments ? [] : Open(e) ? [e.Instrument] : [];
        if (e.Instrument == MarketEvent.AllInstruments && e.Venue == Venue.Itch50 && _venueTrust.GetValueOrDefault(e.Venue, BookTrust.Recovering) == BookTrust.Recovering)
        {
            _venueTrust[e.Venue] = BookTrust.Good;
            ended = OfVenue(e.Venue);
        }

        foreach (int instrument in ended.Where(i => _trust[i] == BookTrust.Recovering))
        {
            _trust[instrument] = BookTrust.Good;
        }
    }

    private bool Open(in MarketEvent e)
    {
        if (e.Instrument < 0 || e.Instrument >= limits.Instruments)
        {
            return false;
        }

        if (_trust.TryAdd(e.Instrument, _venueTrust.GetValueOrDefault(e.Venue, BookTrust.Recovering)))
        {
            _venue[e.Instrument] = e.Venue;
        }

        return true;
    }

    private void Lose(in MarketEvent e)
    {
        if (e.Instrument != MarketEvent.AllInstruments)
        {
            if (Open(e))
            {
                _trust[e.Instrument] = BookTrust.Suspect;
            }

            return;
        }

        _venueTrust[e.Venue] = BookTrust.Suspect;
        foreach (int instrument in OfVenue(e.Venue))
        {
            _trust[instrument] = BookTrust.Suspect;
        }
    }

    private void ResetVenue(Venue venue, BookTrust trust)
    {
        _venueTrust[venue] = trust;
        foreach (int instrument in OfVenue(venue))
        {
            Reset(instrument, trust);
        }
    }

    private void Reset(int instrument, BookTrust trust)
    {
        foreach (NaiveOrder order in _orders.Values.Where(o => o.Instrument == instrument).ToList())
        {
            Remove(order);
        }

        foreach (NaiveOrder order in _sideless.Values.Where(o => o.Instrument == instrument).ToList())
        {
            _sideless.Remove(order.Id);
        }

        // What is left are levels that were set.
        SideOf(instrument, Side.Buy).Clear();
        SideOf(instrument, Side.Sell).Clear();
        _trust[instrument] = trust;
    }

    private List<int> OfVenue(Venue venue) => [.. _venue.Where(p => p.Value == venue).Select(p => p.Key)];
}
