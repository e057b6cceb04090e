using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.BitMex;

/// <summary>
/// Compares the exchange's own stream of best bids and asks with the tops that the rebuilt books went through.
/// </summary>
/// <remarks>
/// The two streams are independent and not aligned: quotes come in bunches (up to a second late), books at once, and books of old
/// captures have no exchange time. What must hold is the order: every settled quote is a top that the book has shown
/// since the one that the quote before it matched, or shows within <see cref="GraceNanos"/>. So a symbol's tops are kept, one after each
/// whole message that changed them, and each quote looks for its equal (all four values) from there on. Taking the first equal is
/// enough: it finds an order wherever there is one. A quote that finds none is a difference, and leaves the place as it is.
/// A quote is settled unless, whatever it says,
/// <list type="bullet">
/// <item>its symbol's book has had no partial, or is known to have lost something;</item>
/// <item>its own time is not <see cref="MarginNanos"/> after the partial came (clocks differ, and quotes are late);</item>
/// <item>the next quote of its symbol in the message has the same time: the exchange had not finished;</item>
/// <item>more tops came since the last match, and <see cref="LatestNanos"/> before it, than are kept, or no room was left;</item>
/// <item>it lacks a value, or the session ends within its grace.</item>
/// </list>
/// </remarks>
public sealed unsafe class BitMexQuoteCheck : IDisposable
{
    /// <summary>How long a top may come after its quote.</summary>
    public const long GraceNanos = 1_000_000_000;

    /// <summary>How long after the partial came a quote's own time must be.</summary>
    public const long MarginNanos = 250_000_000;

    /// <summary>How long before its quote came a top may have been. Older ones need not be kept to tell that a quote differs.</summary>
    public const long LatestNanos = 5_000_000_000;

    /// <summary>Most symbols that are compared, the first to come, at 44 KiB each, 11 MiB for all. Quotes of further ones are unsettled.</summary>
    public const int MaxSymbols = 256;

    /// <summary>Tops kept of a symbol; a power of two.</summary>
    public const int KeptTops = 1_024;

    /// <summary>Most quotes of a symbol that wait for their top; one more, and the oldest is given up.</summary>
    public const int MaxWaiting = 64;

    /// <summary>Most differences kept.</summary>
    public const int MaxDifferences = 16;

    private readonly NativeBuffer<Symbol> _symbols;
    private readonly NativeBuffer<BitMexTouch> _tops;
    private readonly NativeBuffer<long> _times;
    private readonly NativeBuffer<Waiting> _waiting;
    private readonly BitMexDifference[] _differences = new BitMexDifference[MaxDifferences];
    private int _rings, _known;

    internal BitMexQuoteCheck(int instruments)
    {
        int rings = Math.Min(instruments, MaxSymbols);
        (_symbols, _waiting) = (new NativeBuffer<Symbol>(instruments), new NativeBuffer<Waiting>(rings * MaxWaiting));
        (_tops, _times) = (new NativeBuffer<BitMexTouch>(rings * KeptTops), new NativeBuffer<long>(rings * KeptTops));
    }

    /// <summary>Settled quotes that the book showed.</summary>
    public long Agreed { get; private set; }

    /// <summary>Settled quotes that it did not.</summary>
    public long Differed { get; private set; }

    /// <summary>Quotes that could not be compared, and those that still wait.</summary>
    public long Unsettled => Seen - Agreed - Differed;

    /// <summary>Quotes.</summary>
    public long Seen { get; private set; }

    /// <summary>The first differences.</summary>
    public ReadOnlySpan<BitMexDifference> Differences => _differences.AsSpan(0, (int)Math.Min(Differed, MaxDifferences));

    /// <summary>The counts of one instrument. Not once the source is closed.</summary>
    public (long Agreed, long Differed, long Unsettled) Of(int instrument)
    {
        ObjectDisposedException.ThrowIf(_symbols.Pointer == null, this);
        if ((uint)instrument >= (uint)_symbols.Length)
        {
            return default;
        }

        ref Symbol s = ref _symbols[instrument];
        return (s.Agreed, s.Differed, s.Seen - s.Agreed - s.Differed);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _symbols.Dispose();
        _tops.Dispose();
        _times.Dispose();
        _waiting.Dispose();
    }

    /// <summary>The book begins anew with a whole partial.</summary>
    internal void Start(int instrument, long receiveTime, in BitMexTouch top)
    {
        ref Symbol s = ref Stop(instrument);
        if (s.Ring == 0 && _rings < _waiting.Length / MaxWaiting)
        {
            s.Ring = ++_rings;
        }

        s.IsFollowed = s.Ring != 0;
        s.PartialTime = receiveTime;
        OnTop(instrument, receiveTime, top);
    }

    /// <summary>The book cannot be believed any more: what waits is not settled.</summary>
    internal ref Symbol Stop(int instrument)
    {
        _known = Math.Max(_known, instrument + 1);
        ref Symbol s = ref _symbols[instrument];
        s.IsFollowed = s.HasForgotten = false;
        (s.Tops, s.Next, s.WaitingCount) = (0, 0, 0);
        return ref s;
    }

    /// <summary>The top of a book after a whole message.</summary>
    internal void OnTop(int instrument, long receiveTime, in BitMexTouch top)
    {
        ref Symbol s = ref _symbols[instrument];
        if (!s.IsFollowed || (s.Tops > 0 && TopAt(s, s.Tops - 1).Is(top)))
        {
            return;
        }

        // SAFETY: a followed symbol has a ring of its own; the place in it is masked.
        GiveUpOld(ref s, instrument, receiveTime);
        int place = PlaceOf(s, s.Tops);
        _tops[place] = top;
        _times[place] = receiveTime;
        s.Tops++;
        if (s.WaitingCount > 0)
        {
            Settle(ref s, instrument);
        }
    }

    /// <summary>A quote, in the order of the feed.</summary>
    /// <param name="instrument">Whose.</param>
    /// <param name="time">Its own time.</param>
    /// <param name="receiveTime">When its message came.</param>
    /// <param name="quote">What it says.</param>
    /// <param name="canSettle">Nothing that the caller knows of keeps it from being settled.</param>
    internal void OnQuote(int instrument, long time, long receiveTime, in BitMexTouch quote, bool canSettle)
    {
        ref Symbol s = ref _symbols[instrument];
        _known = Math.Max(_known, instrument + 1);
        s.Seen++;
        Seen++;
        if (!canSettle || !s.IsFollowed || time - s.PartialTime < MarginNanos)
        {
            return;
        }

        GiveUpOld(ref s, instrument, receiveTime);
        if (s.WaitingCount == MaxWaiting)
        {
            GiveUp(ref s, instrument);
            Settle(ref s, instrument);
        }

        // SAFETY: the count is below the room of the symbol's own part unless all of it waits, which the lines above end.
        First(s)[s.WaitingCount++] = new Waiting { Quote = quote, Time = time, ReceiveTime = receiveTime };
        Settle(ref s, instrument);
    }

    /// <summary>The session is over: what waited longer than its grace differs, the rest is not settled.</summary>
    internal void End(long receiveTime)
    {
        for (int i = 0; i < _known; i++)
        {
            if (_symbols[i].WaitingCount > 0)
            {
                GiveUpOld(ref _symbols[i], i, receiveTime);
            }
        }
    }

    /// <summary>Looks for the tops of the quotes that wait, the oldest first, until one has none yet.</summary>
    private void Settle(ref Symbol s, int instrument)
    {
        // SAFETY: as in OnQuote; places between Next and Tops are kept.
        while (s.WaitingCount > 0)
        {
            Waiting* first = First(s);
            if (s.Tops - s.Next > KeptTops)
            {
                s.Next = s.Tops - KeptTops;
                s.HasForgotten = true;
            }

            // A quote that repeats the one before it says that nothing changed.
            long at = Math.Max(s.Next, first->Looked);
            at -= at == s.Next && at > 0 && TopAt(s, at - 1).Is(first->Quote) ? 1 : 0;
            while (at < s.Tops && !TopAt(s, at).Is(first->Quote))
            {
                at++;
            }

            first->Looked = at;
            if (at == s.Tops)
            {
                return;
            }

            s.Next = at + 1;
            s.HasForgotten = false;
            s.Agreed++;
            Agreed++;
            Drop(ref s);
        }
    }

    private void GiveUpOld(ref Symbol s, int instrument, long receiveTime)
    {
        while (s.WaitingCount > 0 && receiveTime - First(s)->ReceiveTime > GraceNanos)
        {
            GiveUp(ref s, instrument);
            Settle(ref s, instrument);
        }
    }

    /// <summary>The oldest that waits has no top: a difference, unless tops that it could have had are forgotten.</summary>
    private void GiveUp(ref Symbol s, int instrument)
    {
        Waiting first = *First(s);
        Drop(ref s);
        if (s.HasForgotten && first.ReceiveTime - _times[PlaceOf(s, s.Tops - KeptTops)] < LatestNanos)
        {
            return;
        }

        if (Differed < MaxDifferences)
        {
            _differences[Differed] = new BitMexDifference(instrument, first.Time, first.Quote, TopAt(s, s.Tops - 1));
        }

        s.Differed++;
        Differed++;
    }

    private void Drop(ref Symbol s)
    {
        // SAFETY: moves what lies behind the first of the symbol's own part.
        s.WaitingCount--;
        Buffer.MemoryCopy(First(s) + 1, First(s), MaxWaiting * sizeof(Waiting), s.WaitingCount * sizeof(Waiting));
        if (s.WaitingCount > 0)
        {
            First(s)->Looked = s.Next;
        }
    }

    private Waiting* First(in Symbol s) => _waiting.Pointer + ((s.Ring - 1) * MaxWaiting);

    private BitMexTouch TopAt(in Symbol s, long at) => _tops[PlaceOf(s, at)];

    private static int PlaceOf(in Symbol s, long at) => ((s.Ring - 1) * KeptTops) + (int)(at & (KeptTops - 1));

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    internal struct Symbol
    {
        public long Seen;
        public long Agreed;
        public long Differed;
        public long PartialTime;

        /// <summary>Tops since the partial.</summary>
        public long Tops;

        /// <summary>The first that the next quote may match.</summary>
        public long Next;

        public int WaitingCount;

        /// <summary>Which part of the memory is its own, plus one; 0 while it has none.</summary>
        public int Ring;

        public bool IsFollowed;

        /// <summary>Tops were overwritten since the last match.</summary>
        public bool HasForgotten;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Waiting
    {
        public BitMexTouch Quote;
        public long Time;
        public long ReceiveTime;

        /// <summary>Tops before this one are not its.</summary>
        public long Looked;
    }
}
