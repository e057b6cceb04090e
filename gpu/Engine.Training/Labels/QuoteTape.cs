using Engine.Books;
using Engine.Training.Datasets;

namespace Engine.Training.Labels;

/// <summary>
/// The tape of a day in memory, instrument by instrument: 32 bytes an entry (4 more while it is read), and one more for the extremes of instruments that
/// are asked.
/// </summary>
public sealed class QuoteTape
{
    /// <summary>Stands for a mid-price that is not there.</summary>
    public const long NoMid = long.MinValue;

    /// <summary>Most entries of a day.</summary>
    public const long MaxEntries = 1 << 30;

    /// <summary>The largest price, up or down, that a mid-price is made of: a quarter of the range of 64 bits, so that differences fit.</summary>
    public const long MaxPrice = long.MaxValue / 4;

    private readonly Dictionary<int, InstrumentTape> _tapes = [];
    private readonly IReadOnlyList<long> _ends;

    /// <param name="times">Exchange times of all entries, ns.</param>
    /// <param name="instruments">Their instruments.</param>
    /// <param name="bids">Their best bids, or absent.</param>
    /// <param name="asks">Their best asks, or absent.</param>
    /// <param name="trusts">Their trusts.</param>
    /// <param name="endTime">The latest exchange time that the day has, ns.</param>
    /// <param name="ends">By instrument, the latest that was told of it, ns; those beyond it, and null, end with the day.</param>
    public QuoteTape(
        ReadOnlySpan<long> times, ReadOnlySpan<int> instruments, ReadOnlySpan<long> bids, ReadOnlySpan<long> asks, ReadOnlySpan<byte> trusts, long endTime,
        IReadOnlyList<long>? ends = null)
    {
        EndTime = endTime;
        _ends = ends ?? [];
        Begin(instruments);
        for (int i = 0; i < times.Length; i++)
        {
            _tapes[instruments[i]].Add(i, times[i], TwiceMid(bids[i], asks[i]), trusts[i] == (byte)BookTrust.Good);
        }

        Finish();
    }

    private QuoteTape(DatasetFile file, int[] instruments)
    {
        const int Block = 1 << 16;
        EndTime = file.EndTime;
        _ends = file.InstrumentEnds;
        Begin(instruments);
        var (times, bids, asks, trusts) = (new long[Block], new long[Block], new long[Block], new byte[Block]);
        for (int start = 0; start < instruments.Length; start += Block)
        {
            int count = Math.Min(Block, instruments.Length - start);
            file.ReadTape(DatasetFormat.QuoteTime, start, times.AsSpan(0, count));
            file.ReadTape(DatasetFormat.QuoteBid, start, bids.AsSpan(0, count));
            file.ReadTape(DatasetFormat.QuoteAsk, start, asks.AsSpan(0, count));
            file.ReadTape(DatasetFormat.QuoteTrust, start, trusts.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                _tapes[instruments[start + i]].Add(start + i, times[i], TwiceMid(bids[i], asks[i]), trusts[i] == (byte)BookTrust.Good);
            }
        }

        Finish();
    }

    /// <summary>The latest exchange time that the day has, ns.</summary>
    public long EndTime { get; }

    /// <summary>The latest exchange time up to which anything is known of an instrument, ns.</summary>
    public long EndOf(int instrument) => (uint)instrument < (uint)_ends.Count ? _ends[instrument] : EndTime;

    /// <summary>Reads the tape of a day.</summary>
    /// <exception cref="DatasetException">It has more entries than fit.</exception>
    public static QuoteTape Read(DatasetFile file)
    {
        if (file.Quotes > MaxEntries)
        {
            throw new DatasetException(FormattableString.Invariant($"{file.Path}: its tape has {file.Quotes:N0} entries, and {MaxEntries:N0} are the most; build it with fewer --symbols"));
        }

        var instruments = new int[file.Quotes];
        file.ReadTape(DatasetFormat.QuoteInstrument, 0, instruments.AsSpan());
        return new QuoteTape(file, instruments);
    }

    /// <summary>Twice the mid-price, which is a whole number; <see cref="NoMid"/> where a side is empty or a price beyond <see cref="MaxPrice"/>.</summary>
    public static long TwiceMid(long bid, long ask) =>
        bid is >= -MaxPrice and <= MaxPrice && ask is >= -MaxPrice and <= MaxPrice ? bid + ask : NoMid;

    /// <summary>The tape of an instrument; an empty one where it has no entry.</summary>
    public InstrumentTape Of(int instrument) => _tapes.TryGetValue(instrument, out InstrumentTape? tape) ? tape : InstrumentTape.Empty;

    private void Begin(ReadOnlySpan<int> instruments)
    {
        var counts = new Dictionary<int, int>();
        foreach (int instrument in instruments)
        {
            counts[instrument] = counts.GetValueOrDefault(instrument) + 1;
        }

        foreach ((int instrument, int count) in counts)
        {
            _tapes.Add(instrument, new InstrumentTape(count));
        }
    }

    private void Finish()
    {
        foreach (InstrumentTape tape in _tapes.Values)
        {
            tape.Finish();
        }
    }
}
