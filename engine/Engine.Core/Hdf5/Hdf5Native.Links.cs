using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>This part: what a file holds and what is said of it: links, objects, attributes.</summary>
internal static unsafe partial class Hdf5Native
{
    /// <summary>H5L_TYPE_HARD.</summary>
    public const int LinkHard = 0;

    /// <summary>H5L_TYPE_SOFT.</summary>
    public const int LinkSoft = 1;

    /// <summary>H5_INDEX_NAME, H5_ITER_INC: by name, upwards.</summary>
    public const int ByName = 0;

    /// <summary>H5G_info_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GroupInfo
    {
        /// <summary>How links are stored.</summary>
        public int Storage;

        /// <summary>How many links there are.</summary>
        public ulong Links;

        /// <summary>The largest creation order.</summary>
        public long MaxOrder;

        /// <summary>Whether a file is mounted here.</summary>
        public byte Mounted;
    }

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
    public static partial int H5Gget_info(long group, GroupInfo* info);

    [LibraryImport(Name)]
    public static partial nint H5Lget_name_by_idx(long location, byte* group, int index, int order, ulong n, byte* name, nuint bytes, long access);

    [LibraryImport(Name)]
    public static partial int H5Lget_info(long location, byte* name, LinkInfo* info, long access);

    [LibraryImport(Name)]
    public static partial int H5Lget_info1(long location, byte* name, LinkInfo* info, long access);

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
    public static partial long H5Aopen_by_idx(long location, byte* name, int index, int order, ulong n, long attributeAccess, long linkAccess);

    [LibraryImport(Name)]
    public static partial int H5Aexists(long location, byte* name);

    [LibraryImport(Name)]
    public static partial int H5Aget_num_attrs(long location);

    [LibraryImport(Name)]
    public static partial nint H5Aget_name(long attribute, nuint bytes, byte* name);

    [LibraryImport(Name)]
    public static partial long H5Aget_space(long attribute);

    [LibraryImport(Name)]
    public static partial long H5Aget_type(long attribute);

    [LibraryImport(Name)]
    public static partial int H5Aread(long attribute, long memoryType, void* buffer);

    [LibraryImport(Name)]
    public static partial int H5Awrite(long attribute, long memoryType, void* buffer);
}
