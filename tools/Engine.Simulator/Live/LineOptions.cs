using System.Net;

namespace Engine.Simulator.Live;

/// <summary>A line falls silent: neither messages nor heartbeats.</summary>
/// <param name="FirstMessage">Sequence of the first message that it does not send.</param>
/// <param name="LastMessage">Sequence of the last.</param>
public readonly record struct Silence(ulong FirstMessage, ulong LastMessage);

/// <summary>What goes wrong on a line. Each fault draws from its own seeded numbers, one draw a packet.</summary>
public sealed record LiveFaults
{
    /// <summary>Most packets by which one is held back.</summary>
    public const int ReorderDepthLimit = 64;

    /// <summary>Longest delay spike.</summary>
    public static readonly TimeSpan DelayLimit = TimeSpan.FromSeconds(5);

    /// <summary>Probability that a packet is lost.</summary>
    public double Loss { get; init; }

    /// <summary>Probability that a packet is sent twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Probability that a packet leaves after 1 to <see cref="ReorderDepth"/> later ones.</summary>
    public double Reordering { get; init; }

    /// <summary>Most packets that overtake one that is held back, 1 to <see cref="ReorderDepthLimit"/>.</summary>
    public int ReorderDepth { get; init; } = 3;

    /// <summary>Probability that the line stalls before a packet; what comes meanwhile queues behind it.</summary>
    public double Delay { get; init; }

    /// <summary>How long a stall lasts at most; half of it at least.</summary>
    public TimeSpan DelaySpike { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Scripted disconnections.</summary>
    public IReadOnlyList<Silence> Silences { get; init; } = [];

    /// <summary>What is wrong with the faults; null when nothing is.</summary>
    public string? Problem()
    {
        foreach ((string name, double p) in new[] { ("loss", Loss), ("dup", Duplication), ("reorder", Reordering), ("delay", Delay) })
        {
            if (!(p is >= 0 and <= 1))
            {
                return $"{name} {p} is outside 0 to 1; give a probability such as 0.001";
            }
        }

        if (ReorderDepth is < 1 or > ReorderDepthLimit)
        {
            return $"reorder depth {ReorderDepth} is outside 1 to {ReorderDepthLimit}; choose a number in that range";
        }

        if (DelaySpike < TimeSpan.Zero || DelaySpike > DelayLimit)
        {
            return $"a delay of {DelaySpike} is outside 0 to {DelayLimit}; choose one in that range";
        }

        return Silences.Any(s => s.FirstMessage == 0 || s.LastMessage < s.FirstMessage)
            ? "a silence runs from a message, counted from 1, to one at or behind it; write it as 1000-2000"
            : null;
    }
}

/// <summary>One of the lines that carry the same packets.</summary>
/// <param name="Name">A or B.</param>
/// <param name="Group">Multicast group.</param>
/// <param name="Port">UDP port; 0 picks a free one.</param>
public sealed record LineOptions(string Name, IPAddress Group, int Port)
{
    /// <summary>What goes wrong on it.</summary>
    public LiveFaults Faults { get; init; } = new();
}
