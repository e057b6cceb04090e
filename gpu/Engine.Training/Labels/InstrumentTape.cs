namespace Engine.Training.Labels;

/// <summary>The entries of one instrument on the tape of a day, in order.</summary>
public sealed class InstrumentTape
{
    /// <summary>A tape without entries.</summary>
    public static readonly InstrumentTape Empty = MakeEmpty();

    private readonly long[] _times;
    private readonly long[] _mids;
    private readonly int[] _places;
    private readonly int[] _nextDistrust;
    private readonly int[] _nextOneSided;
    private MidExtremes? _extremes;

    internal InstrumentTape(int count)
    {
        _times = new long[count];
        _mids = new long[count];
        _places = new int[count];

        // While the tape is filled, an entry says by its own index that it is one of those; one past the last closes the list.
        _nextDistrust = new int[count + 1];
        _nextOneSided = new int[count + 1];
    }

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>Exchange time of an entry, ns.</summary>
    public long Time(int entry) => _times[entry];

    /// <summary>Twice the mid-price of an entry, units of 1e-9; <see cref="QuoteTape.NoMid"/> where there is none.</summary>
    public long TwiceMid(int entry) => _mids[entry];

    /// <summary>The first entry from one on whose book is not good; <see cref="Count"/> where there is none.</summary>
    public int NextDistrust(int entry) => _nextDistrust[entry];

    /// <summary>The first entry from one on that has no mid-price; <see cref="Count"/> where there is none.</summary>
    public int NextOneSided(int entry) => _nextOneSided[entry];

    /// <summary>The first entry at or behind a place of the day's tape.</summary>
    public int FirstAt(long place) => FirstNotBelow(_places, place);

    /// <summary>The first entry later than a time.</summary>
    public int FirstAfter(long time)
    {
        int from = 0;
        int to = Count;
        while (from < to)
        {
            int middle = from + ((to - from) / 2);
            (from, to) = _times[middle] <= time ? (middle + 1, to) : (from, middle);
        }

        return from;
    }

    /// <summary>The largest and the smallest twice mid-price of entries [from, to).</summary>
    internal (long High, long Low) Range(int from, int to) => Extremes.Range(from, to);

    /// <summary>The first entry from one on at or above one level or at or below another.</summary>
    internal int FirstBeyond(int from, long upper, long lower) => Extremes.FirstBeyond(from, upper, lower);

    internal void Add(int place, long time, long twiceMid, bool isGood)
    {
        _places[Count] = place;
        _times[Count] = time;
        _mids[Count] = twiceMid;
        _nextDistrust[Count] = isGood ? int.MaxValue : Count;
        _nextOneSided[Count] = twiceMid != QuoteTape.NoMid ? int.MaxValue : Count;
        Count++;
    }

    internal void Finish()
    {
        _nextDistrust[Count] = _nextOneSided[Count] = Count;
        for (int i = Count - 1; i >= 0; i--)
        {
            _nextDistrust[i] = Math.Min(_nextDistrust[i], _nextDistrust[i + 1]);
            _nextOneSided[i] = Math.Min(_nextOneSided[i], _nextOneSided[i + 1]);
        }
    }

    private MidExtremes Extremes => _extremes ??= new MidExtremes(_mids);

    private static InstrumentTape MakeEmpty()
    {
        var tape = new InstrumentTape(0);
        tape.Finish();
        return tape;
    }

    private static int FirstNotBelow(int[] values, long value)
    {
        int from = 0;
        int to = values.Length;
        while (from < to)
        {
            int middle = from + ((to - from) / 2);
            (from, to) = values[middle] < value ? (middle + 1, to) : (from, middle);
        }

        return from;
    }
}
