using System.Runtime.CompilerServices;
using Engine.Features;

namespace Engine.Inference.Kernels;

/// <summary>
/// Takes a row in: normalises it where it is raw, finds the features whose bits differ from those of a kept row, and puts it both
/// where the kernel reads it and in place of the kept one. All features are normalised: a few instructions for sixteen of them cost
/// less than a branch on which of them changed.
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
    private readonly float* _mean;
    private readonly float* _inverse;
    private Normaliser? _normaliser;

    /// <param name="count">Features of a row.</param>
    /// <param name="row">Where the kernel reads the row: room for them.</param>
    /// <param name="changed">Where a bit for each feature goes.</param>
    /// <param name="memory">Owns what is allocated.</param>
    public RowIntake(int count, float* row, ulong* changed, PackedMemory memory)
    {
        _count = count;
        _row = row;
        _changed = changed;
        _mean = memory.Floats(count);
        _inverse = memory.Floats(count);
    }

    /// <summary>Takes a row that is normalised.</summary>
    /// <param name="row">The features.</param>
    /// <param name="kept">The row before, which this one replaces.</param>
    /// <returns>Whether a bit differs.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Take(float* row, float* kept)
    {
        // SAFETY: all three have _count floats. Where that is no multiple of the lanes, the last register overlaps the one before,
        // whose lanes were stored already and compare equal; a row of less than a register goes float by float.
        ulong any = 0;
        nint whole = _count / TLanes.Count * TLanes.Count;
        for (nint first = 0; first < whole; first += WordBits)
        {
            ulong word = 0;
            nint end = Math.Min(first + WordBits, whole);
            for (nint at = first; at < end; at += TLanes.Count)
            {
                word |= (ulong)Keep(TLanes.Load(row + at), at, kept) << (int)(at - first);
            }

            any |= _changed[first / WordBits] = word;
        }

        ulong rest = 0;
        if (whole < _count && whole != 0)
        {
            nint last = _count - TLanes.Count;
            rest = (ulong)Keep(TLanes.Load(row + last), last, kept) >> (int)(whole - last);
        }
        else
        {
            for (nint at = whole; at < _count; at++)
            {
                rest |= (ulong)KeepOne(row[at], at, kept) << (int)at;
            }
        }

        return (any | Rest(rest, whole)) != 0;
    }

    /// <summary>Takes a raw row and normalises it, to the bits of <see cref="Normaliser.Apply"/>.</summary>
    /// <param name="row">The features.</param>
    /// <param name="kept">The normalised row before, which this one replaces.</param>
    /// <param name="normaliser">The statistics; what is NaN or infinite is counted there.</param>
    /// <param name="missing">How many features are NaN or infinite.</param>
    /// <returns>Whether a bit differs.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Take(float* row, float* kept, Normaliser normaliser, out int missing)
    {
        if (!ReferenceEquals(_normaliser, normaliser))
        {
            Pack(normaliser);
        }

        // SAFETY: as above; _mean and _inverse have _count floats too.
        int bad = 0;
        ulong any = 0;
        nint whole = _count / TLanes.Count * TLanes.Count;
        for (nint first = 0; first < whole; first += WordBits)
        {
            ulong word = 0, odd = 0;
            nint end = Math.Min(first + WordBits, whole);
            for (nint at = first; at < end; at += TLanes.Count)
            {
                TVector y = Normalised(row, at);
                odd |= (ulong)TRows.NotFinite(y) << (int)(at - first);
                word |= (ulong)Keep(Finite(y), at, kept) << (int)(at - first);
            }

            any |= _changed[first / WordBits] = word;
            if (odd != 0)
            {
                bad += normaliser.CountMissing(odd, (int)first);
            }
        }

        ulong rest = 0, oddRest = 0;
        if (whole < _count && whole != 0)
        {
            nint last = _count - TLanes.Count;
            TVector y = Normalised(row, last);
            oddRest = (ulong)TRows.NotFinite(y) >> (int)(whole - last);
            rest = (ulong)Keep(Finite(y), last, kept) >> (int)(whole - last);
        }
        else
        {
            for (nint at = whole; at < _count; at++)
            {
                float y = (row[at] - _mean[at]) * _inverse[at];
                oddRest |= (ulong)RowsScalar.NotFinite(y) << (int)at;
                rest |= (ulong)KeepOne(RowsScalar.FiniteOrZero(y) + 0f, at, kept) << (int)at;
            }
        }

        missing = bad + (oddRest == 0 ? 0 : normaliser.CountMissing(oddRest, (int)whole));
        return (any | Rest(rest, whole)) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Normalised(float* row, nint at) =>
        TLanes.Multiply(TLanes.Subtract(TLanes.Load(row + at), TLanes.Load(_mean + at)), TLanes.Load(_inverse + at));

    // + 0 turns −0 into +0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Finite(TVector y) => TLanes.Add(TRows.FiniteOrZero(y), TLanes.Broadcast(0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Keep(TVector values, nint at, float* kept)
    {
        // SAFETY: the callers' register ends at the last feature at most.
        uint differ = TRows.Difference(values, TLanes.Load(kept + at));
        TLanes.Store(kept + at, values);
        TLanes.Store(_row + at, values);
        return differ;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint KeepOne(float value, nint at, float* kept)
    {
        // SAFETY: at is below _count.
        uint differ = RowsScalar.Difference(value, kept[at]);
        kept[at] = _row[at] = value;
        return differ;
    }

    // The bits behind the last whole register, in the word that it ends in or in one of their own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Rest(ulong bits, nint whole)
    {
        // SAFETY: there is a word for each 64 features begun, and a multiple of four words.
        if (whole % WordBits == 0)
        {
            if (whole < _count)
            {
                _changed[whole / WordBits] = bits;
            }
        }
        else
        {
            _changed[whole / WordBits] |= bits << (int)(whole % WordBits);
        }

        return bits;
    }

    private void Pack(Normaliser normaliser)
    {
        if (normaliser.Count != _count)
        {
            throw new ArgumentException($"A normaliser of {normaliser.Count} features for a model of {_count}.");
        }

        normaliser.Mean.CopyTo(new Span<float>(_mean, _count));
        normaliser.InverseDeviation.CopyTo(new Span<float>(_inverse, _count));
        _normaliser = normaliser;
    }
}
