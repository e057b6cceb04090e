namespace Engine.Core.Diagnostics;

/// <summary>
/// What a stretch of code on one thread allocated, and how often the whole process collected meanwhile. Start and read it on
/// the same thread.
/// </summary>
public readonly struct AllocationMeter
{
    private readonly long _bytes;
    private readonly int _collections;

    private AllocationMeter(long bytes, int collections)
    {
        _bytes = bytes;
        _collections = collections;
    }

    /// <summary>Bytes the calling thread has put on the collected heap since the start; exact.</summary>
    public long AllocatedBytes => GC.GetAllocatedBytesForCurrentThread() - _bytes;

    /// <summary>Garbage collections of any generation, in the process, since the start.</summary>
    public int Collections => GC.CollectionCount(0) - _collections;

    /// <summary>Starts to count.</summary>
    public static AllocationMeter Start() => new(GC.GetAllocatedBytesForCurrentThread(), GC.CollectionCount(0));
}
