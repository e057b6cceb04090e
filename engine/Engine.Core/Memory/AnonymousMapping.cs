using System.Runtime.InteropServices;

namespace Engine.Core.Memory;

/// <summary>Zeroed memory straight from the kernel, with huge pages advised. Linux only.</summary>
internal static unsafe class AnonymousMapping
{
    /// <summary>Size and alignment of a huge page, bytes.</summary>
    public const nuint HugePage = 2 << 20;

    private const int AdviseHugePage = 14;
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;

    /// <summary>Maps <paramref name="bytes"/> plus room to align; free it with <see cref="Free"/> and the same length.</summary>
    /// <exception cref="OutOfMemoryException">The kernel refuses.</exception>
    public static void* Create(nuint bytes)
    {
        // SAFETY: an anonymous private mapping of our own, one huge page longer than asked so that an aligned start fits.
        void* mapping = Mmap(null, bytes + HugePage, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        if (mapping == (void*)-1)
        {
            throw new OutOfMemoryException($"Could not map {bytes:N0} bytes.");
        }

        _ = Madvise(AlignedStart(mapping), bytes, AdviseHugePage);
        return mapping;
    }

    /// <summary>The first huge-page boundary inside a mapping.</summary>
    public static void* AlignedStart(void* mapping) => (void*)(((nuint)mapping + HugePage - 1) & ~(HugePage - 1));

    /// <summary>Gives a mapping back.</summary>
    public static void Free(void* mapping, nuint bytes) => _ = Munmap(mapping, bytes + HugePage);

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern void* Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static extern int Munmap(void* address, nuint length);

    [DllImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static extern int Madvise(void* address, nuint length, int advice);
}
