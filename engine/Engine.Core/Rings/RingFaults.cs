using System.Diagnostics.CodeAnalysis;

namespace Engine.Core.Rings;

/// <summary>A producer was told to halt while it waited for room; the claim was not made.</summary>
public sealed class RingHaltedException : OperationCanceledException
{
    /// <summary>With the standard message.</summary>
    public RingHaltedException()
        : base("The ring was halted while the producer waited for room.")
    {
    }

    /// <summary>With a message.</summary>
    public RingHaltedException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public RingHaltedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Cold throw helpers of the rings.</summary>
internal static class RingFaults
{
    /// <summary>A claim of a number of slots that no ring of this size can give.</summary>
    [DoesNotReturn]
    public static void ThrowClaim(int count, int size) =>
        throw new ArgumentOutOfRangeException(nameof(count), count, $"A claim takes 1 to {size} slots, the ring's size.");

    /// <summary>A claim before anybody said which consumers it must not overtake.</summary>
    [DoesNotReturn]
    public static void ThrowUngated() =>
        throw new InvalidOperationException("The producer has no gating sequences: it would overwrite what nobody has read. Call SetGating first.");

    /// <summary>Gating set without sequences.</summary>
    [DoesNotReturn]
    public static void ThrowNoGates() =>
        throw new ArgumentException("Give at least one final consumer's sequence.");

    /// <summary>Gating changed after the first claim.</summary>
    [DoesNotReturn]
    public static void ThrowStarted() =>
        throw new InvalidOperationException("Gating sequences are set once, before the first claim.");

    /// <summary>A halted producer.</summary>
    [DoesNotReturn]
    public static void ThrowHalted() => throw new RingHaltedException();
}
