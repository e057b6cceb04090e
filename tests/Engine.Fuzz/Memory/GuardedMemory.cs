using System.Runtime.InteropServices;

namespace Engine.Fuzz.Memory;

/// <summary>
/// Memory whose both ends are followed by a page that may not be touched: reading past an input that lies at its end, or before
/// one that lies at its start, ends the process. Linux only.
/// </summary>
internal sealed unsafe class GuardedMemory : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4_096;

    private const int ProtectNone = 0, ProtectReadWrite = 3, MapPrivateAnonymous = 0x22;
    private readonly byte* _map;
    private readonly nuint _mapped;

    /// <param name="capacity">Bytes between the guards; a multiple of <see cref="PageSize"/>.</param>
    public GuardedMemory(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(capacity % PageSize, 0);
        Capacity = capacity;
        _mapped = (nuint)(capacity + (2 * PageSize));

        // SAFETY: a private mapping of this size that nobody else knows; the middle is opened before it is used.
        _map = (byte*)MemoryMap(null, _mapped, ProtectNone, MapPrivateAnonymous, -1, 0);
        if ((nint)_map == -1 || MemoryProtect(_map + PageSize, (nuint)capacity, ProtectReadWrite) != 0)
        {
            throw new InvalidOperationException($"no guarded memory: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Bytes between the guards.</summary>
    public int Capacity { get; }

    /// <summary>Copies an input to the end, or to the start.</summary>
    /// <returns>Its first byte.</returns>
    public byte* Place(ReadOnlySpan<byte> input, bool atStart)
    {
        // SAFETY: the copy is checked by the span over the opened pages.
        int at = atStart ? 0 : Capacity - input.Length;
        input.CopyTo(new Span<byte>(_map + PageSize, Capacity)[at..]);
        return _map + PageSize + at;
    }

    /// <summary>Unmaps it.</summary>
    public void Dispose() => _ = MemoryUnmap(_map, _mapped);

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern void* MemoryMap(void* address, nuint length, int protection, int flags, int file, long offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static extern int MemoryProtect(void* address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int MemoryUnmap(void* address, nuint length);
}
