using System.Security.Cryptography;

namespace Engine.Host.Commands;

/// <summary>Files that a command reads whole.</summary>
internal static class InputFile
{
    /// <summary>Refuses a path that is no file.</summary>
    public static void MustExist(string path)
    {
        if (Directory.Exists(path))
        {
            throw new HostException(ExitCodes.Usage, $"{path} is a folder; name a file in it");
        }

        if (!File.Exists(path))
        {
            throw new HostException(ExitCodes.Usage, $"{path} does not exist; check the path");
        }
    }

    /// <summary>SHA-256 of a file, lower-case hex.</summary>
    public static string Sha256(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
