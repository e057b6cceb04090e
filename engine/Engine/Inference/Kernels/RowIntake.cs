using System.Runtime.CompilerServices;
using Engine.Features;

namespace Engine.Inference.Kernels;

/// <summary>
/// Takes a row in: finds the features whose bits differ from those of a kept row, as they come, so that what follows from that need
/// not wait for the rest, then normalises it where it is raw and puts it where the kernel reads it. All features are normalised: a
/// few instructions for sixteen of them cost less than a branch on which of them changed.
/// </summary>
internal sealed unsafe class RowIntake<TLanes, TRows, TVector>
    where TLanes : struct, ILanes<TVector>
    where TRows : struct, IRowLanes<TVector>
    where TVector : struct
{
    private const int WordBits = 64;

    private readonly int _count;
    private readonly float* _row;
    private readonly ulong* _changed;
    private readonly ulong* _live;
    private readonly float* _mean;
    private readonly float* _inverse;
    private float _clip = float.PositiveInfinity;

    /// <param name="count">Features of a row.</param>
    /// <param name="row">Where the kernel reads the row: room for them.</param>
    /// <param name="changed">Where a bit for each feature goes.</param>
    /// <param name="memory">Owns what is allocated.</param>
    public RowIntake(int count, float* row, ulong* changed, PackedMemory memory)
    {
        _count = count;
        _row = row;
        _changed = changed;
        _live = memory.Words((count + WordBits - 1) / WordBits);
        _mean = memory.Floats(count);
        _inverse = memory.Floats(count);
        MarkLive();
    }

    /// <summary>Whose statistics raw rows are normalised with; null for rows that are normalised.</summary>
    public Normaliser? Normaliser { get; private set; }

    /// <summary>Takes up a normaliser. The caller forgets every kept row: what is kept was taken otherwise.</summary>
    /// <exception cref="ArgumentException">Its features are not as many as a row's.</exception>
    public void Use(Normaliser? normaliser)
    {
        if (normaliser is not null)
        {
            if (normaliser.Count != _count)
            {
                throw new ArgumentException($"A normaliser of {normaliser.Count} features for a model of {_count}.");
            }

            // SAFETY: both have _count floats.
            normaliser.Mean.CopyTo(new Span<float>(_mean, _count));
            normaliser.InverseDeviation.CopyTo(new Span<float>(_inverse, _count));
            _clip = normaliser.Clip;
        }

        Normaliser = normaliser;
        MarkLive();
    }

    /// <summary>Finds the features whose bits differ from those of a kept row, which this one replaces. Not those that the normaliser in use
    /// makes 0 whatever they are: their deviation was 0.</summary>
    /// <param name="row">The features, as they come.</param>
    /// <param name="kept">The row before.</param>
    /// <returns>Whether a bit differs.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Compare(float* row, float* kept)
    {
        // SAFETY: both have _count floats. Where that is no multiple of the lanes, the last register overlaps the one before,
        // whose lanes were stored already and compare equal; a row of less than a register goes float by float.
        ulong* changed = _changed;
        ulong any = 0;
        nint count = _count;
        nint whole = count / TLanes.Count * TLanes.Count;
        for (nint first = 0; first < whole; first += WordBits)
        {
            ulong word = 0;
            nint at = first;
            nint end = Math.Min(first + WordBits, whole);
            for (; at + (4 * TLanes.Count) <= end; at += 4 * TLanes.Count)
            {
                ulong low = Replace(row, at, kept) | ((ulong)Replace(row, at + TLanes.Count, kept) << TLanes.Count);
                ulong high = Replace(row, at + (2 * TLanes.Count), kept) | ((ulong)Replace(row, at + (3 * TLanes.Count), kept) << TLanes.Count);
                word |= (low | (high << (2 * TLanes.Count))) << (int)at;
            }

            for (; at < end; at += TLanes.Count)
            {
                word |= (ulong)Replace(row, at, kept) << (int)at;
            }

            any |= changed[first / WordBits] = word & _live[first / WordBits];
        }

        ulong rest = 0;
        if (whole < count && whole != 0)
        {
            nint last = count - TLanes.Count;
            rest = (ulong)Replace(row, last, kept) >> (int)(whole - last);
        }
        else
        {
            for (nint at = whole; at < count; at++)
            {
                rest |= (ulong)RowsScalar.Difference(row[at], kept[at]) << (int)at;
                kept[at] = row[at];
            }
        }

        return (any | Rest(rest, whole)) != 0;
    }

    /// <summary>Puts a normalised row where the kernel reads it.</summary>
    /// <param name="row">The features.</param>
    public void Take(float* row) =>
        // SAFETY: both have _count floats.
        new ReadOnlySpan<float>(row, _count).CopyTo(new Span<float>(_row, _count));

    /// <summary>Normalises a raw row to where the kernel reads it, to the bits of <see cref="Normaliser.Apply"/>.</summary>
    /// <param name="row">The features.</param>
    /// <param name="normaliser">The one in use; what is NaN or infinite is counted there.</param>
    /// <returns>How many features are NaN or infinite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Take(float* row, Normaliser normaliser)
    {
        // SAFETY: as above; _mean and _inverse have _count floats too.
        (TVector low, TVector high) = (TLanes.Broadcast(-_clip), TLanes.Broadcast(_clip));
        int bad = 0;
        nint count = _count;
        nint whole = count / TLanes.Count * TLanes.Count;
        for (nint first = 0; first < whole; first += WordBits)
        {
            ulong odd = 0;
            nint end = Math.Min(first + WordBits, whole);
            for (nint at = first; at < end; at += TLanes.Count)
            {
                odd |= (ulong)Normalise(row, at, low, high) << (int)at;
            }

            if (odd != 0)
            {
                bad += normaliser.CountMissing(odd, (int)first);
            }
        }

        ulong rest = 0;
        if (whole < count && whole != 0)
        {
            nint last = count - TLanes.Count;
            rest = (ulong)Normalise(row, last, low, high) >> (int)(whole - last);
        }
        else
        {
            for (nint at = whole; at < count; at++)
            {
                float y = (row[at] - _mean[at]) * _inverse[at];
                rest |= (ulong)RowsScalar.NotFinite(y) << (int)at;
                _row[at] = LanesScalar.Min(LanesScalar.Max(RowsScalar.FiniteOrZero(y) + 0f, -_clip), _clip);
            }
        }

        return bad + (rest == 0 ? 0 : normaliser.CountMissing(rest, (int)whole));
    }

    // Which of a register's features are NaN or infinite. + 0 turns −0 into +0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Normalise(float* row, nint at, TVector low, TVector high)
    {
        // SAFETY: the callers' register ends at the last feature at most.
        TVector y = TLanes.Multiply(TLanes.Subtract(TLanes.Load(row + at), TLanes.Load(_mean + at)), TLanes.Load(_inverse + at));
        TLanes.Store(_row + at, TLanes.Min(TLanes.Max(TLanes.Add(TRows.FiniteOrZero(y), TLanes.Broadcast(0f)), low), high));
        return TRows.NotFinite(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Replace(float* row, nint at, float* kept)
    {
        // SAFETY: the callers' register ends at the last feature at most.
        TVector values = TLanes.Load(row + at);
        uint differ = TRows.Difference(values, TLanes.Load(kept + at));
        TLanes.Store(kept + at, values);
        return differ;
    }

    // The bits behind the last whole register, in the word that it ends in or in one of their own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Rest(ulong bits, nint whole)
    {
        if (whole == _count)
        {
            return 0;
        }

        // SAFETY: there is a word for each 64 features begun, and whole is below the features.
        nint word = whole / WordBits;
        int first = (int)(whole % WordBits);
        bits = (bits << first) & _live[word];
        _changed[word] = first == 0 ? bits : _changed[word] | bits;
        return bits;
    }

    private void MarkLive()
    {
        // SAFETY: there is a word for each 64 features begun, and _inverse has _count floats.
        for (int f = 0; f < _count; f++)
        {
            ulong bit = 1UL << (f % WordBits);
            ref ulong word = ref _live[f / WordBits];
            word = Normaliser is not null && _inverse[f] == 0 ? word & ~bit : word | bit;
        }
    }
}
