using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Features;

/// <summary>
/// The bucketed windows of a contract. A window of w is <see cref="Buckets"/> buckets of a sixteenth of w, aligned to multiples of that since
/// the epoch: at time t, in bucket k = t / (w / 16), it holds what happened in buckets k − 15 to k. So it covers between 15/16 of w and w,
/// whatever the number of events, in memory fixed by the contract.
/// </summary>
/// <remarks>
/// An instrument keeps one total of each sum, over all time. A bucket remembers what the totals were when its first event came; a window's sum is the
/// total less what the oldest bucket inside it remembers. So adding costs the same for any number of windows, and letting go of a bucket is to
/// look at another. Totals are integers that may wrap: a difference is right while the sum of the window fits.
/// <code>
/// | next: a long a window | bucket at hand | occupied | base |     each <see cref="Lanes"/> long
/// | bucket 0: totals | … | bucket 15: totals |                     for each window
/// </code>
/// Times lie in 0 to <see cref="LatestTime"/>; one outside counts as the nearest. `next` is when the bucket at hand ends. Bit n of `occupied` says whether the bucket n before the one at hand holds anything. `base` is where the
/// totals that a window takes away lie: its oldest bucket, or the totals themselves where no bucket holds anything. Windows move on eight at a time.
/// </remarks>
internal sealed unsafe partial class WindowTable
{
    /// <summary>Buckets of a window; a power of two.</summary>
    public const int Buckets = 16;

    /// <summary>Latest time: two hours, the longest a bucket may be, before a long ends, so that no bucket ends behind that.</summary>
    public const long LatestTime = long.MaxValue - 7_200_000_000_000;

    private readonly long[] _bucketNanos;
    private readonly Slots[] _slots;
    private readonly Eight[] _eights;
    private readonly uint _all;
    private readonly int _totalsAt, _clocksAt;

    /// <param name="nanos">Lengths of the windows, ns.</param>
    /// <param name="totals">Totals that each must remember: those up to the last that it shows.</param>
    /// <param name="clocksAt">Offset of the clocks in a block, bytes.</param>
    /// <param name="totalsAt">Offset of the totals in a block, bytes.</param>
    public WindowTable(long[] nanos, int[] totals, int clocksAt, int totalsAt)
    {
        Count = nanos.Length;
        Lanes = LanesOf(Count);
        _bucketNanos = [.. nanos.Select(n => n / Buckets)];
        _slots = [.. totals.Select(t => new Slots(0, SlotBytes(t)))];
        _eights = new Eight[Lanes / Vector512<long>.Count];
        _all = (1u << Count) - 1;
        (_clocksAt, _totalsAt) = (clocksAt, totalsAt);
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The same as whole vectors.</summary>
    public int Lanes { get; }

    /// <summary>Bytes of all buckets.</summary>
    public int BucketBytes => Buckets * _slots.Sum(s => s.Bytes);

    /// <summary>Says where the buckets lie, and which windows each family shows.</summary>
    /// <param name="bucketsAt">Offset of the buckets in a block, bytes.</param>
    /// <param name="families">The families with their totals.</param>
    public void Place(int bucketsAt, FamilyTotals[] families)
    {
        for (int w = 0; w < Count; w++)
        {
            _slots[w] = _slots[w] with { At = bucketsAt };
            bucketsAt += Buckets * _slots[w].Bytes;
        }

        for (int g = 0; g < _eights.Length; g++)
        {
            _eights[g] = EightFrom(g * Vector512<long>.Count, families);
        }
    }

    /// <summary>Where the offset of a window's base lies in a block, bytes.</summary>
    public int BaseAt(int window) => _clocksAt + (3 * Lanes * sizeof(long)) + (window * sizeof(long));

    /// <summary>Begins with an instrument's first event, all totals being 0: until that bucket leaves, what was is nothing.</summary>
    public void Start(InstrumentHead* head, long time)
    {
        // SAFETY: a block has the clocks and buckets of every window.
        var block = (byte*)head;
        time = Math.Clamp(time, 0, LatestTime);
        for (int w = 0; w < Lanes; w++)
        {
            Next(block)[w] = long.MaxValue;
            if (w < Count)
            {
                Set(block, w, time / _bucketNanos[w]);
                int slot = (int)Bucket(block)[w] & (Buckets - 1);
                new Span<byte>(block + SlotAt(w, slot), _slots[w].Bytes).Clear();
                Occupied(block)[w] = 1;
                Base(block)[w] = SlotAt(w, slot);
            }
        }

        head->Unopened = 0;
        head->NextRoll = NextRoll(block);
    }

    /// <summary>Lets the bucket at hand of every window that has a new one remember the totals, before they move.</summary>
    public void Open(InstrumentHead* head)
    {
        // SAFETY: as Start.
        var block = (byte*)head;
        for (uint left = head->Unopened; left != 0; left &= left - 1)
        {
            int w = BitOperations.TrailingZeroCount(left);
            int slot = (int)Bucket(block)[w] & (Buckets - 1);
            int at = SlotAt(w, slot);
            Copy(block + _totalsAt, block + at, _slots[w].Bytes);
            Base(block)[w] = Occupied(block)[w] == 0 ? at : Base(block)[w];
            Occupied(block)[w] |= 1;
        }

        head->Unopened = 0;
    }

    /// <summary>Bytes of the clocks of so many windows.</summary>
    public static int BytesOfClocks(int windows) => LanesOf(windows) * 4 * sizeof(long);

    private static int LanesOf(int windows) => (windows + Vector512<long>.Count - 1) / Vector512<long>.Count * Vector512<long>.Count;

    private static int SlotBytes(int totals)
    {
        int whole = totals / Vector512<long>.Count * Vector512<long>.Count;
        return (whole + (int)BitOperations.RoundUpToPowerOf2((uint)(totals - whole))) * sizeof(long);
    }

    /// <summary>Asks for a bucket that the row at hand will read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* bucket, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int at = 0; at < bytes; at += 64)
            {
                // SAFETY: a prefetch never faults.
                Sse.Prefetch0(bucket + at);
            }
        }
    }

    /// <summary>Copies a bucket's bytes: whole vectors, then a half, a quarter, an eighth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* from, byte* to, int bytes)
    {
        // SAFETY: both have as many bytes.
        for (; bytes >= 64; bytes -= 64, from += 64, to += 64)
        {
            Vector512.Load(from).Store(to);
        }

        if (bytes == 32)
        {
            Vector256.Load(from).Store(to);
        }
        else if (bytes == 16)
        {
            Vector128.Load(from).Store(to);
        }
        else if (bytes == 8)
        {
            *(long*)to = *(long*)from;
        }
    }

    private long NextRoll(byte* block)
    {
        long next = long.MaxValue;
        for (int w = 0; w < Count; w++)
        {
            next = Math.Min(next, Next(block)[w]);
        }

        return next;
    }

    private void Set(byte* block, int w, long bucket)
    {
        Bucket(block)[w] = bucket;
        Next(block)[w] = (bucket + 1) * _bucketNanos[w];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SlotAt(int w, int slot) => _slots[w].At + (slot * _slots[w].Bytes);

    // SAFETY: a block has the clocks of every window where the layout says.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Next(byte* block) => (long*)(block + _clocksAt);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Bucket(byte* block) => Next(block) + Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Occupied(byte* block) => Bucket(block) + Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Base(byte* block) => Occupied(block) + Lanes;
}

/// <summary>Which totals a family keeps, and in which windows it shows them.</summary>
/// <param name="Family">The family's bit.</param>
/// <param name="Totals">Its totals, a bit each.</param>
/// <param name="Windows">Its windows, a bit each.</param>
internal readonly record struct FamilyTotals(ulong Family, ulong Totals, uint Windows);
