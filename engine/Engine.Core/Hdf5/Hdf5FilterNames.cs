using System.Text;

namespace Engine.Core.Hdf5;

/// <summary>Names of filters: the library's own, and those of The HDF Group's registry that market data is met in.</summary>
internal static class Hdf5FilterNames
{
    /// <summary>The registered name, else what the file says, else a number.</summary>
    /// <param name="id">The registered number.</param>
    /// <param name="inFile">The name in the file, zero-terminated.</param>
    public static string Of(int id, ReadOnlySpan<byte> inFile)
    {
        int end = inFile.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(inFile[..Math.Max(0, end)]);
        return id switch
        {
            1 => "deflate",
            2 => "shuffle",
            3 => "fletcher32",
            4 => "szip",
            5 => "nbit",
            6 => "scaleoffset",
            305 => "lzo",
            307 => "bzip2",
            32000 => "lzf",
            32001 => "blosc",
            32004 => "lz4",
            32008 => "bitshuffle",
            32013 => "zfp",
            32015 => "zstd",
            32026 => "blosc2",
            _ => text.Length > 0 ? text : FormattableString.Invariant($"filter {id}"),
        };
    }
}
