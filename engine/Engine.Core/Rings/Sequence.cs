using System.Runtime.CompilerServices;

namespace Engine.Core.Rings;

/// <summary>
/// A position in a ring, counted from 0, written by one thread and read by others; alone on its cache lines.
/// </summary>
public sealed class Sequence
{
    /// <summary>Where every sequence starts: nothing done yet.</summary>
    public const long Initial = -1;

    /// <summary>What a wait answers when it was told to stop; below every sequence.</summary>
    public const long Alerted = -2;

    private SequenceCell _cell;

    /// <summary>A sequence at <see cref="Initial"/>.</summary>
    public Sequence()
    {
        _cell.Value = Initial;
        _cell.Claimed = Initial;
    }

    /// <summary>The position, read with acquire: what the writer did before <see cref="SetRelease"/> is visible after this.</summary>
    public long Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _cell.Value);
    }

    /// <summary>Moves the position with release: everything the caller wrote before is visible to who reads it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetRelease(long value) => Volatile.Write(ref _cell.Value, value);

    /// <summary>The claim that a single producer keeps on its cursor's line.</summary>
    internal ref long Claimed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _cell.Claimed;
    }

    /// <summary>Moves the position from <paramref name="expected"/> to <paramref name="value"/> if nobody else moved it; a full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryMove(long expected, long value) =>
        Interlocked.CompareExchange(ref _cell.Value, value, expected) == expected;

    /// <summary>The lowest of several positions, each read with acquire; <see cref="long.MaxValue"/> for none.</summary>
    internal static long Minimum(Sequence[] sequences)
    {
        long minimum = long.MaxValue;
        for (int i = 0; i < sequences.Length; i++)
        {
            minimum = Math.Min(minimum, sequences[i].Value);
        }

        return minimum;
    }
}
