using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>This part: types.</summary>
internal static unsafe partial class Hdf5Native
{
    // SAFETY: as in the first part.
    [LibraryImport(Name)]
    public static partial long H5Tcopy(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_class(long type);

    [LibraryImport(Name)]
    public static partial nuint H5Tget_size(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_sign(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_order(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_nmembers(long type);

    [LibraryImport(Name)]
    public static partial byte* H5Tget_member_name(long type, uint member);

    [LibraryImport(Name)]
    public static partial long H5Tget_member_type(long type, uint member);

    [LibraryImport(Name)]
    public static partial nuint H5Tget_member_offset(long type, uint member);

    [LibraryImport(Name)]
    public static partial long H5Tget_super(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_array_ndims(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_array_dims2(long type, ulong* dimensions);

    [LibraryImport(Name)]
    public static partial int H5Tis_variable_str(long type);

    [LibraryImport(Name)]
    public static partial int H5Tget_cset(long type);

    [LibraryImport(Name)]
    public static partial int H5Tset_size(long type, nuint bytes);

    [LibraryImport(Name)]
    public static partial int H5Tset_cset(long type, int characters);

    [LibraryImport(Name)]
    public static partial int H5Tset_strpad(long type, int padding);

    [LibraryImport(Name)]
    public static partial long H5Tget_native_type(long type, int direction);
}
