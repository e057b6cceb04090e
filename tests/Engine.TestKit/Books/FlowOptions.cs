using Engine.Core.Events;

namespace Engine.TestKit.Books;

/// <summary>What a <see cref="RandomFlow"/> is made of.</summary>
public sealed record FlowOptions
{
    /// <summary>Instruments, from index 0; even ones on one venue, odd ones on another.</summary>
    public int Instruments { get; init; } = 6;

    /// <summary>Orders that the flow tends to keep alive over all instruments.</summary>
    public int Orders { get; init; } = 600;

    /// <summary>Price levels a side on which most orders lie.</summary>
    public int Ticks { get; init; } = 40;

    /// <summary>Share of events that contradict the book: unknown and duplicate ids, wrong instruments, bad values.</summary>
    public double Mischief { get; init; } = 0.05;

    /// <summary>Share of gaps, clears and session starts.</summary>
    public double Upheaval { get; init; } = 0.001;

    /// <summary>Share of snapshots that begin or end, of an instrument or (which says nothing) of all.</summary>
    public double Snapshots { get; init; }

    /// <summary>The odd instruments' venue.</summary>
    public Venue OddVenue { get; init; } = Venue.Xdp;

    /// <summary>An instrument beyond the table that a few events name; −2 for none.</summary>
    public int Outside { get; init; } = -2;

    /// <summary>Mean nanoseconds between events.</summary>
    public long MeanStepNanos { get; init; } = 20_000_000;

    /// <summary>Share of events whose time lies before the previous one's.</summary>
    public double Reversals { get; init; } = 0.002;

    /// <summary>Most nanoseconds by which a time that runs backwards lies before the previous one.</summary>
    public int ReversalNanos { get; init; } = 1_000_000;

    /// <summary>The last so many instruments are told by level, by <see cref="Venue.BitMex"/>.</summary>
    public int LevelInstruments { get; init; }

    /// <summary>Share of index prices, mark prices and fundings, absent ones among them.</summary>
    public double References { get; init; }

    /// <summary>Share of executions of the oldest order at a touch.</summary>
    public double Touches { get; init; }

    /// <summary>Share of modifies that keep and lose their place, replaces at the same price, partial cancels.</summary>
    public double Edits { get; init; }

    /// <summary>Share of sweeps: all that is believed to rest on a side of an instrument goes, order by order.</summary>
    public double Sweeps { get; init; }

    /// <summary>Share of orders far from the touch, where few or no others lie.</summary>
    public double Far { get; init; }

    /// <summary>Distance between two prices, 1e-9 units.</summary>
    public long Tick { get; init; } = 10_000_000;

    /// <summary>Ticks at which the first instrument's book begins; the second's at twice as many, and so on.</summary>
    public int Middle { get; init; } = 25_000;

    /// <summary>Share of orders at prices between two ticks.</summary>
    public double Between { get; init; }

    /// <summary>Share of orders before which the middle of their book moves, most often by a few ticks, now and then by hundreds.</summary>
    public double Moves { get; init; }

    /// <summary>Share of events that come after a silence of 62 to 92 seconds.</summary>
    public double Silences { get; init; }

    /// <summary>Share of events that begin a burst: up to 200 events within microseconds, most of them at one time.</summary>
    public double Bursts { get; init; }

    /// <summary>Share of upheavals and reference values whose time is no exchange's, but of a clock that is up to days off; of reference values, that
    /// are part of a snapshot.</summary>
    public double Untimed { get; init; }

    /// <summary>Share of adds and set levels that are a session's start as well.</summary>
    public double Starts { get; init; }
}
