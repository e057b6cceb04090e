using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>This part: datasets, their spaces, chunks and filters.</summary>
internal static unsafe partial class Hdf5Native
{
    /// <summary>H5S_UNLIMITED.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    /// <summary>H5S_SELECT_SET.</summary>
    public const int SelectSet = 0;

    /// <summary>H5S_SCALAR.</summary>
    public const int SpaceScalar = 0;

    /// <summary>H5S_SIMPLE.</summary>
    public const int SpaceSimple = 1;

    /// <summary>H5S_NULL.</summary>
    public const int SpaceNull = 2;

    /// <summary>H5D_CHUNKED.</summary>
    public const int LayoutChunked = 2;

    // SAFETY: as in the first part.
    [LibraryImport(Name)]
    public static partial int H5Pset_chunk(long creation, int rank, ulong* dimensions);

    [LibraryImport(Name)]
    public static partial int H5Pset_deflate(long creation, uint level);

    [LibraryImport(Name)]
    public static partial int H5Pset_shuffle(long creation);

    [LibraryImport(Name)]
    public static partial int H5Pset_fletcher32(long creation);

    [LibraryImport(Name)]
    public static partial int H5Pset_fill_value(long creation, long type, void* value);

    [LibraryImport(Name)]
    public static partial int H5Pset_obj_track_times(long creation, byte track);

    [LibraryImport(Name)]
    public static partial int H5Pget_layout(long creation);

    [LibraryImport(Name)]
    public static partial int H5Pget_chunk(long creation, int mostRank, ulong* dimensions);

    [LibraryImport(Name)]
    public static partial int H5Pget_nfilters(long creation);

    [LibraryImport(Name)]
    public static partial int H5Pget_filter2(
        long creation, uint index, uint* flags, nuint* valueCount, uint* values, nuint nameBytes, byte* name, uint* configuration);

    [LibraryImport(Name)]
    public static partial int H5Zfilter_avail(int filter);

    [LibraryImport(Name)]
    public static partial long H5Dcreate2(long location, byte* name, long type, long space, long link, long creation, long access);

    [LibraryImport(Name)]
    public static partial long H5Dopen2(long location, byte* name, long access);

    [LibraryImport(Name)]
    public static partial long H5Dget_space(long dataset);

    [LibraryImport(Name)]
    public static partial long H5Dget_type(long dataset);

    [LibraryImport(Name)]
    public static partial long H5Dget_create_plist(long dataset);

    [LibraryImport(Name)]
    public static partial ulong H5Dget_storage_size(long dataset);

    [LibraryImport(Name)]
    public static partial int H5Dset_extent(long dataset, ulong* dimensions);

    [LibraryImport(Name)]
    public static partial int H5Dread(long dataset, long memoryType, long memorySpace, long fileSpace, long transfer, void* buffer);

    [LibraryImport(Name)]
    public static partial int H5Dwrite(long dataset, long memoryType, long memorySpace, long fileSpace, long transfer, void* buffer);

    [LibraryImport(Name)]
    public static partial int H5Dvlen_reclaim(long type, long space, long transfer, void* buffer);

    [LibraryImport(Name)]
    public static partial long H5Screate(int spaceClass);

    [LibraryImport(Name)]
    public static partial long H5Screate_simple(int rank, ulong* dimensions, ulong* most);

    [LibraryImport(Name)]
    public static partial int H5Sget_simple_extent_type(long space);

    [LibraryImport(Name)]
    public static partial int H5Sget_simple_extent_ndims(long space);

    [LibraryImport(Name)]
    public static partial int H5Sget_simple_extent_dims(long space, ulong* dimensions, ulong* most);

    [LibraryImport(Name)]
    public static partial int H5Sselect_hyperslab(long space, int operation, ulong* start, ulong* stride, ulong* count, ulong* block);
}
