using System.Runtime.CompilerServices;

namespace Engine.Books;

/// <summary>
/// A rolling 64-bit hash: each step mixes its words by independent odd multipliers (any one changed word changes the sum),
/// then folds the sum into the running value. Not for secrets; it proves that two runs saw the same books.
/// </summary>
public struct BookDigest
{
    private ulong _value;

    /// <summary>The hash so far; 0 before the first step.</summary>
    public readonly ulong Value => _value;

    /// <summary>How many steps were folded in.</summary>
    public long Events { get; private set; }

    /// <summary>Folds one change: what happened where, the level after it, and the order after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Fold(ulong what, long price, long quantity, int count, ulong orderId, long orderQuantity)
    {
        ulong sum = (what * 0x9E3779B97F4A7C15)
            + ((ulong)price * 0xC2B2AE3D27D4EB4F)
            + ((ulong)quantity * 0x165667B19E3779F9)
            + ((ulong)(uint)count * 0xD6E8FEB86659FD93)
            + (orderId * 0xFF51AFD7ED558CCD)
            + ((ulong)orderQuantity * 0xC4CEB9FE1A85EC53);
        Mix(sum);
        Events++;
    }

    /// <summary>Folds one word of a full state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Mix(ulong word)
    {
        // Both halves of the product: the lower half alone would leave the top bit of a word one bit that a later word could cancel.
        ulong mixed = _value ^ word;
        _value = (High(mixed, 0xBF58476D1CE4E5B9) ^ (mixed * 0xBF58476D1CE4E5B9)) + 0x94D049BB133111EB;
    }

    /// <summary>Sixteen hex digits, or empty when nothing was folded.</summary>
    public readonly override string ToString() => Events == 0 ? "" : _value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The upper half of a product, without the way through memory that the general call takes for the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong High(ulong a, ulong b) => System.Runtime.Intrinsics.X86.Bmi2.X64.IsSupported
        ? System.Runtime.Intrinsics.X86.Bmi2.X64.MultiplyNoFlags(a, b)
        : Math.BigMul(a, b, out _);
}
