namespace Engine.TestKit.Features;

/// <summary>What lies in a window.</summary>
public static class NaiveWindow
{
    private const int Buckets = 16;

    /// <summary>Whether a time lies in the exact window (t − w, t].</summary>
    public static bool IsInside(long then, long time, long window) => then > time - window && then <= time;

    /// <summary>Whether a time lies in the window of 16 buckets that ends with the bucket of <paramref name="time"/>.</summary>
    public static bool IsInBuckets(long then, long time, long window)
    {
        long last = Bucket(time, window);
        return Bucket(then, window) > last - Buckets && Bucket(then, window) <= last;
    }

    /// <summary>Where the window of 16 buckets begins.</summary>
    public static long Start(long time, long window) => (Bucket(time, window) - Buckets + 1) * BucketLength(window);

    /// <summary>The length of a bucket, ns.</summary>
    public static long BucketLength(long window) => window % Buckets == 0
        ? window / Buckets
        : throw new ArgumentException($"A window of {window} ns has no whole sixteenth.", nameof(window));

    /// <summary>The end of a history whose times never fall, from a time on.</summary>
    public static IEnumerable<T> From<T>(IReadOnlyList<T> history, Func<T, long> timeOf, long from)
    {
        for (int i = First(history, timeOf, from); i < history.Count; i++)
        {
            yield return history[i];
        }
    }

    /// <summary>The first of a history whose times never fall that is not before a time; the count where all are.</summary>
    public static int First<T>(IReadOnlyList<T> history, Func<T, long> timeOf, long from)
    {
        int low = 0;
        int high = history.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = timeOf(history[middle]) < from ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static long Bucket(long time, long window) => (time / BucketLength(window)) - (time % BucketLength(window) < 0 ? 1 : 0);
}
