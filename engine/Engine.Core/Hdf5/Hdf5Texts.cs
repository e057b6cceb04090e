using System.Text;

namespace Engine.Core.Hdf5;

/// <summary>Text types, and texts of a fixed length.</summary>
internal static class Hdf5Texts
{
    private const int Utf8 = 1;
    private const int PadWithZeros = 1;

    /// <summary>Text of a fixed length, UTF-8, padded with zeros. The caller's to give back.</summary>
    public static Hdf5Handle Fixed(int bytes)
    {
        Hdf5Handle type = new(Hdf5Native.H5Tcopy(Hdf5Library.Identifier("H5T_C_S1_g")));
        _ = Hdf5Native.H5Tset_size(type.Id, (nuint)bytes);
        _ = Hdf5Native.H5Tset_cset(type.Id, Utf8);
        _ = Hdf5Native.H5Tset_strpad(type.Id, PadWithZeros);
        return type;
    }

    /// <summary>A text of a fixed length, up to its first zero; padding with spaces goes too.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).TrimEnd(' ');
    }
}
