using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Core.Hdf5;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>
/// Files of older HDF5 formats are opened by a child. Damage on which the library crashes differs from release to release, so a copy of the
/// library that crashes when it opens a file stands for it.
/// </summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class Hdf5GuardTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Lazy<string> s_crashing = new(CrashingLibrary);

    [TestCase("inspect")]
    [TestCase("replay", "--model")]
    public void A_crash_of_the_library_ends_as_a_sentence(params string[] command)
    {
        // The superblock of version 0 is what files of the older formats begin with.
        string old = Repository.Write(".h5", [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n', .. new byte[120]]);
        string[] arguments = [command[0], old, .. command[1..].SelectMany(option => (string[])[option, Repository.SampleModel])];
        EngineRun run = Binary.RunWith(new Dictionary<string, string> { [Hdf5Library.Variable] = s_crashing.Value }, arguments);
        AssertFault(run, 1, old, "damaged where libhdf5", "crashes");
    }

    /// <summary>A copy of the library whose function that opens files is no instruction at all.</summary>
    private static string CrashingLibrary()
    {
        string whole = Hdf5Library.Location;
        nint open = NativeLibrary.GetExport(NativeLibrary.Load(whole), "H5Fopen");
        (string path, long offset) = File.ReadLines("/proc/self/maps").Select(line => Mapped(line, open)).First(found => found.Path.Length > 0);
        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan((int)offset, 16).Fill(0x0F);
        string folder = Directory.CreateDirectory(Repository.NewPath("")).FullName;
        foreach (string other in Directory.GetFiles(Path.GetDirectoryName(path)!, "lib*.so.*").Where(f => Path.GetFileName(f).StartsWith("libaec", StringComparison.Ordinal) || Path.GetFileName(f).StartsWith("libsz", StringComparison.Ordinal)))
        {
            File.Copy(other, Path.Combine(folder, Path.GetFileName(other)));
        }

        string copy = Path.Combine(folder, "libhdf5_serial.so.103");
        File.WriteAllBytes(copy, bytes);
        return copy;
    }

    /// <summary>The file and the place in it that a line of the map says an address is from.</summary>
    private static (string Path, long Offset) Mapped(string line, nint address)
    {
        string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        long[] range = [.. parts[0].Split('-').Select(Number)];
        return parts.Length == 6 && address >= range[0] && address < range[1] ? (parts[5].Trim(), address - range[0] + Number(parts[2])) : ("", 0);
    }

    private static long Number(string hex) => long.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
