namespace Engine.Core.Hdf5;

/// <summary>Element types that are written and read as they lie in memory: little-endian numbers of one C# type each.</summary>
internal static class Hdf5Element
{
    /// <summary>The library's type of a C# number.</summary>
    /// <exception cref="NotSupportedException">A type that no file of ours has.</exception>
    public static long Of<T>()
        where T : unmanaged => Known<T>.Id;

    /// <summary>Whether a type of a file is exactly a C# number, in any byte order.</summary>
    public static bool Is<T>(Hdf5Type type)
        where T : unmanaged => Name<T>() == (type with { IsBigEndian = false }).ToString();

    /// <summary>What the type is called.</summary>
    public static string Name<T>()
        where T : unmanaged => typeof(T) == typeof(float) ? "float32"
        : typeof(T) == typeof(double) ? "float64"
        : typeof(T) == typeof(long) ? "int64"
        : typeof(T) == typeof(ulong) ? "uint64"
        : typeof(T) == typeof(int) ? "int32"
        : typeof(T) == typeof(ushort) ? "uint16"
        : typeof(T) == typeof(byte) ? "uint8"
        : throw new NotSupportedException(typeof(T).Name);

    private static string Variable<T>()
        where T : unmanaged => Name<T>() switch
        {
            "float32" => "H5T_IEEE_F32LE_g",
            "float64" => "H5T_IEEE_F64LE_g",
            "int64" => "H5T_STD_I64LE_g",
            "uint64" => "H5T_STD_U64LE_g",
            "int32" => "H5T_STD_I32LE_g",
            "uint16" => "H5T_STD_U16LE_g",
            _ => "H5T_STD_U8LE_g",
        };

    /// <summary>Asked once, since rows are read and written without putting anything on the collected heap.</summary>
    private static class Known<T>
        where T : unmanaged
    {
        public static readonly long Id = Hdf5Library.Identifier(Variable<T>());
    }
}
