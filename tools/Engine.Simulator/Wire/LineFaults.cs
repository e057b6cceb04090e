namespace Engine.Simulator.Wire;

/// <summary>What may happen to a packet on a line, each with a probability from 0 to 1 and with draws of its own.</summary>
/// <param name="Loss">It never arrives.</param>
/// <param name="Duplicate">A copy of it arrives a little later.</param>
/// <param name="Reorder">It takes a longer way, and what is sent soon after it overtakes it.</param>
/// <param name="DelaySpike">The line stands still for about a millisecond; it and those behind it arrive late.</param>
public readonly record struct LineFaults(double Loss = 0, double Duplicate = 0, double Reorder = 0, double DelaySpike = 0);

/// <summary>How often packets met with what <see cref="LineFaults"/> describes.</summary>
/// <param name="Lost">Packets that never arrived.</param>
/// <param name="Duplicated">Copies that arrived.</param>
/// <param name="Reordered">Packets that were overtaken by a later one of their line, copies included.</param>
/// <param name="Delayed">Packets at which the line stood still.</param>
public readonly record struct LineFaultCounts(long Lost, long Duplicated, long Reordered, long Delayed)
{
    /// <summary>Adds the counts of another line.</summary>
    public static LineFaultCounts operator +(LineFaultCounts a, LineFaultCounts b) =>
        new(a.Lost + b.Lost, a.Duplicated + b.Duplicated, a.Reordered + b.Reordered, a.Delayed + b.Delayed);
}
