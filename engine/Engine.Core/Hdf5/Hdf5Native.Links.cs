using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>This part: what a file holds and what is said of it: links, objects, attributes.</summary>
internal static unsafe partial class Hdf5Native
{
    /// <summary>H5L_TYPE_HARD.</summary>
    public const int LinkHard = 0;

    /// <summary>H5L_TYPE_SOFT.</summary>
    public const int LinkSoft = 1;

    /// <summary>H5_INDEX_NAME.</summary>
    public const int ByName = 0;

    /// <summary>H5_ITER_NATIVE: as they lie. For any other order the library makes a table first, and frees one that is half made when
    /// the file turns out to be damaged.</summary>
    public const int AsTheyLie = 2;

    /// <summary>H5L_info_t, since 1.12 H5L_info1_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkInfo
    {
        /// <summary>Hard, soft, external or user-defined.</summary>
        public int Kind;

        /// <summary>Whether the order is valid.</summary>
        public byte HasOrder;

        /// <summary>Creation order.</summary>
        public long Order;

        /// <summary>Character set of the name.</summary>
        public int Characters;

        /// <summary>Address of the object (hard), or bytes of the value.</summary>
        public ulong Value;
    }

    // SAFETY: as in the first part; the structs are those of the headers.
    [LibraryImport(Name)]
    public static partial int H5Literate(
        long group, int index, int order, ulong* from, delegate* unmanaged[Cdecl]<long, byte*, LinkInfo*, void*, int> function, void* data);

    [LibraryImport(Name)]
    public static partial int H5Literate1(
        long group, int index, int order, ulong* from, delegate* unmanaged[Cdecl]<long, byte*, LinkInfo*, void*, int> function, void* data);

    [LibraryImport(Name)]
    public static partial int H5Lget_val(long location, byte* name, void* buffer, nuint bytes, long access);

    [LibraryImport(Name)]
    public static partial int H5Lexists(long location, byte* name, long access);

    [LibraryImport(Name)]
    public static partial long H5Oopen(long location, byte* name, long access);

    [LibraryImport(Name)]
    public static partial long H5Acreate2(long location, byte* name, long type, long space, long creation, long access);

    [LibraryImport(Name)]
    public static partial long H5Aopen(long location, byte* name, long access);

    [LibraryImport(Name)]
    public static partial int H5Aiterate2(
        long location, int index, int order, ulong* from, delegate* unmanaged[Cdecl]<long, byte*, void*, void*, int> function, void* data);

    [LibraryImport(Name)]
    public static partial int H5Aexists(long location, byte* name);

    [LibraryImport(Name)]
    public static partial long H5Aget_space(long attribute);

    [LibraryImport(Name)]
    public static partial long H5Aget_type(long attribute);

    [LibraryImport(Name)]
    public static partial int H5Aread(long attribute, long memoryType, void* buffer);

    [LibraryImport(Name)]
    public static partial int H5Awrite(long attribute, long memoryType, void* buffer);

    [LibraryImport(Name)]
    public static partial int H5Ldelete(long location, byte* name, long access);

    [LibraryImport(Name)]
    public static partial long H5Gcreate2(long location, byte* name, long link, long creation, long access);
}
