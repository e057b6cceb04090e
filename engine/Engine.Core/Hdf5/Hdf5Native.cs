using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>
/// The functions of libhdf5 that are used here, under their own names, as its public headers declare them (hid_t is i64, hsize_t
/// u64, herr_t and htri_t i32, hbool_t u8). A negative result is a failure, whose story is on the thread's error stack. Every
/// call goes to the library that <see cref="Hdf5Library"/> loaded. This part: the library, its errors, files, identifiers.
/// </summary>
internal static unsafe partial class Hdf5Native
{
    /// <summary>What the imports name; resolved to the loaded library.</summary>
    public const string Name = "engine-hdf5";

    /// <summary>H5P_DEFAULT, H5E_DEFAULT, H5S_ALL.</summary>
    public const long Default = 0;

    /// <summary>H5F_ACC_RDONLY: read only.</summary>
    public const uint ReadOnly = 0;

    /// <summary>H5F_ACC_RDWR: read and write.</summary>
    public const uint ReadWrite = 1;

    /// <summary>H5F_ACC_TRUNC: replace what is there.</summary>
    public const uint Truncate = 2;

    /// <summary>H5F_ACC_EXCL: fail if it is there.</summary>
    public const uint Exclusive = 4;

    /// <summary>H5F_ACC_SWMR_READ: read while one process writes, or was killed writing.</summary>
    public const uint SwmrRead = 0x40;

    /// <summary>H5F_LIBVER_V110: the format that can be read while it is written.</summary>
    public const int Format110 = 2;

    /// <summary>H5F_CLOSE_STRONG: closing a file closes everything in it.</summary>
    public const int CloseStrong = 3;

    /// <summary>H5E_WALK_UPWARD: the innermost error first.</summary>
    public const int WalkUpward = 0;

    /// <summary>H5I_GROUP.</summary>
    public const int KindGroup = 2;

    /// <summary>H5I_DATATYPE.</summary>
    public const int KindType = 3;

    /// <summary>H5I_DATASET.</summary>
    public const int KindDataset = 5;

    // SAFETY: the signatures are those of the headers of libhdf5 1.10; strings are zero-terminated; callers pass addresses that
    // live through the call, of as many elements as the other parameters say.
    [LibraryImport(Name)]
    public static partial int H5dont_atexit();

    [LibraryImport(Name)]
    public static partial int H5open();

    [LibraryImport(Name)]
    public static partial int H5get_libversion(uint* major, uint* minor, uint* release);

    [LibraryImport(Name)]
    public static partial int H5free_memory(void* memory);

    [LibraryImport(Name)]
    public static partial int H5Eset_auto2(long stack, void* function, void* data);

    [LibraryImport(Name)]
    public static partial int H5Ewalk2(long stack, int direction, delegate* unmanaged[Cdecl]<uint, Hdf5Errors.Entry*, void*, int> function, void* data);

    [LibraryImport(Name)]
    public static partial long H5Fcreate(byte* path, uint flags, long creation, long access);

    [LibraryImport(Name)]
    public static partial long H5Fopen(byte* path, uint flags, long access);

    [LibraryImport(Name)]
    public static partial int H5Fclose(long file);

    [LibraryImport(Name)]
    public static partial int H5Fflush(long file, int scope);

    [LibraryImport(Name)]
    public static partial int H5Fstart_swmr_write(long file);

    [LibraryImport(Name)]
    public static partial int H5Idec_ref(long id);

    [LibraryImport(Name)]
    public static partial int H5Iget_type(long id);

    [LibraryImport(Name)]
    public static partial long H5Pcreate(long propertyClass);

    [LibraryImport(Name)]
    public static partial int H5Pset_libver_bounds(long access, int low, int high);

    [LibraryImport(Name)]
    public static partial int H5Pset_attr_phase_change(long creation, uint mostCompact, uint fewestDense);

    [LibraryImport(Name)]
    public static partial int H5Pset_link_phase_change(long creation, uint mostCompact, uint fewestDense);

    [LibraryImport(Name)]
    public static partial int H5Pset_metadata_read_attempts(long access, uint attempts);

    [LibraryImport(Name)]
    public static partial int H5Pset_fclose_degree(long access, int degree);
}
