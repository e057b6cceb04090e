namespace Engine.Core.Threads;

/// <summary>What is wished for a thread.</summary>
public sealed record ThreadWish
{
    /// <summary>What the thread does, in a word: `receive`, `compute`, `record`. Also its name.</summary>
    public required string Role { get; init; }

    /// <summary>The CPU to pin it to; null leaves it to the scheduler.</summary>
    public int? Cpu { get; init; }

    /// <summary>The SCHED_FIFO priority, 1 to 99; 0 keeps the ordinary policy.</summary>
    public int FifoPriority { get; init; }
}

/// <summary>What a thread asked for and what it got.</summary>
public sealed record ThreadPlacement
{
    /// <summary>What was asked for.</summary>
    public required ThreadWish Wish { get; init; }

    /// <summary>Whether it is bound to its CPU.</summary>
    public bool Pinned { get; init; }

    /// <summary>Why it is not pinned though it was wished; else null.</summary>
    public string? PinRefusal { get; init; }

    /// <summary>Whether it has the real-time policy.</summary>
    public bool Fifo { get; init; }

    /// <summary>Why it has not, though it was wished; else null.</summary>
    public string? FifoRefusal { get; init; }

    /// <summary>Applies a wish to the calling thread. A refusal is told, never thrown.</summary>
    public static ThreadPlacement Apply(ThreadWish wish)
    {
        string? pinRefusal = null;
        string? fifoRefusal = null;
        bool pinned = wish.Cpu is int cpu && CpuPlacement.TryPin(cpu, out pinRefusal);
        bool fifo = wish.FifoPriority > 0 && CpuPlacement.TryFifo(wish.FifoPriority, out fifoRefusal);
        return new ThreadPlacement { Wish = wish, Pinned = pinned, PinRefusal = pinRefusal, Fifo = fifo, FifoRefusal = fifoRefusal };
    }

    /// <summary>In words: `compute pinned to cpu 1, fifo refused (EPERM)`.</summary>
    public override string ToString()
    {
        string pin = (Wish.Cpu, Pinned) switch
        {
            (null, _) => "unpinned",
            (int cpu, true) => $"pinned to cpu {cpu}",
            (int cpu, false) => $"unpinned (cpu {cpu} refused: {PinRefusal})",
        };
        string fifo = (Wish.FifoPriority, Fifo) switch
        {
            (<= 0, _) => "",
            (_, true) => $", fifo {Wish.FifoPriority}",
            (_, false) => $", fifo refused ({FifoRefusal})",
        };
        return $"{Wish.Role} {pin}{fifo}";
    }
}
