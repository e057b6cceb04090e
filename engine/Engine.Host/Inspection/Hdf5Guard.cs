using System.Diagnostics;
using Engine.Core.Hdf5;

namespace Engine.Host.Inspection;

/// <summary>
/// Looks into HDF5 files of older formats, or replays their rows, in a process of its own. Their structure has no checksums, and libhdf5 1.10.8 believes
/// some damage in it: it reads where nothing is, which ends a process. What ends then is the child; the command says so in one line.
/// </summary>
internal static class Hdf5Guard
{
    private const string Variable = "ENGINE_HDF5_CHILD";
    private const int FirstCheckedVersion = 2;
    private const int VersionByte = 8;
    private const int PollMillis = 100;
    private const int MostPollsToStop = 20;
    private const int FirstSignal = 128;

    /// <summary>Whether a file is to be looked into by a child.</summary>
    public static bool IsNeeded(string path)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 })
        {
            return false;
        }

        Span<byte> start = stackalloc byte[VersionByte + 1];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
            || !start[..VersionByte].SequenceEqual(Hdf5File.Magic) || start[VersionByte] < FirstCheckedVersion;
    }

    /// <summary>Runs this command again as a child, which has this process's streams.</summary>
    /// <returns>Its exit code; 1 where it crashed.</returns>
    public static int Run(string path)
    {
        string[] arguments = Environment.GetCommandLineArgs();
        string self = Environment.ProcessPath!;
        bool isHosted = Path.GetFileNameWithoutExtension(self) == "dotnet";
        var start = new ProcessStartInfo(self, isHosted ? arguments : arguments[1..]);
        start.Environment[Variable] = "1";

        // A crash is expected of it; no dump is wanted.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var stop = new StopSignal();
        using Process child = Process.Start(start) ?? throw new HostException(ExitCodes.Usage, $"{path}: no process could be started to look into it");
        for (int polls = 0; !child.WaitForExit(PollMillis);)
        {
            if (stop.IsSet && ++polls == MostPollsToStop)
            {
                child.Kill();
            }
        }

        return child.ExitCode < FirstSignal || stop.IsSet
            ? child.ExitCode
            : throw new HostException(ExitCodes.Data, $"{path}: it is damaged where libhdf5 {Hdf5Library.Version} does not notice, and crashes; restore the file, or rewrite it where it is whole: h5repack");
    }
}
