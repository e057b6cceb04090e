using System.Reflection;
using System.Runtime.InteropServices;
using Engine.Core.Natives;

namespace Engine.Core.Hdf5;

/// <summary>
/// Finds and loads libhdf5 once per process: the file that `ENGINE_HDF5` names, else one beside the binary, else the system's,
/// else the one under `.native` of the checkout that the binary is in.
/// </summary>
public static unsafe class Hdf5Library
{
    /// <summary>The environment variable with the library's path.</summary>
    public const string Variable = "ENGINE_HDF5";

    /// <summary>What to do where the library is missing.</summary>
    public const string InstallStep = "apt-get install libhdf5-103-1";

    private const string FileName = "libhdf5_serial.so.103";
    private const uint OldestMajor = 1;
    private const uint OldestMinor = 10;

    /// <summary>What libhdf5 itself is linked to and a machine may lack, each before the one that needs it.</summary>
    private static readonly string[] s_before = ["libaec.so.0", "libsz.so.2"];

    private static readonly Lock s_gate = new();
    private static nint s_library;
    private static bool s_isResolving;
    private static string s_version = "";
    private static string s_location = "";

    [ThreadStatic]
    private static bool t_isQuiet;

    /// <summary>The version of the library in use, after loading it, e.g. `1.10.8`.</summary>
    /// <exception cref="Hdf5UnavailableException">It cannot be had.</exception>
    public static string Version
    {
        get
        {
            Load();
            return s_version;
        }
    }

    /// <summary>Where the library in use was loaded from, after loading it.</summary>
    /// <exception cref="Hdf5UnavailableException">It cannot be had.</exception>
    public static string Location
    {
        get
        {
            Load();
            return s_location;
        }
    }

    /// <summary>Makes the library ready for the calling thread: loaded, and without a voice of its own, since errors come back as
    /// exceptions. Whoever makes the first call on a thread comes through here.</summary>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    internal static void Enter()
    {
        if (!t_isQuiet)
        {
            Load();
            _ = Hdf5Native.H5Eset_auto2(Hdf5Native.Default, null, null);
            t_isQuiet = true;
        }
    }

    /// <summary>An identifier that the library keeps in a variable, such as a type or a class of properties.</summary>
    internal static long Identifier(string variable) =>
        // SAFETY: the variable is a hid_t of the library, set by H5open in Load; the library is never unloaded.
        *(long*)NativeLibrary.GetExport(s_library, variable);

    private static void Load()
    {
        lock (s_gate)
        {
            if (s_library != 0)
            {
                return;
            }

            nint library = LoadFile(out string location);
            if (!s_isResolving)
            {
                NativeLibrary.SetDllImportResolver(typeof(Hdf5Library).Assembly, Resolve);
                s_isResolving = true;
            }

            s_library = library;
            try
            {
                s_version = Start(location);
                s_location = location;
            }
            catch
            {
                s_library = 0;
                throw;
            }
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == Hdf5Native.Name ? s_library : 0;

    private static string Start(string location)
    {
        try
        {
            // Files are closed by their owners; the library's own work at exit would try to write again what could not be written.
            _ = Hdf5Native.H5dont_atexit();
            uint major;
            uint minor;
            uint release;

            // SAFETY: out parameters are locals.
            if (Hdf5Native.H5open() < 0 || Hdf5Native.H5get_libversion(&major, &minor, &release) < 0)
            {
                throw new Hdf5UnavailableException($"{location}: libhdf5 does not start. Set {Variable} to another.");
            }

            return major == OldestMajor && minor >= OldestMinor
                ? FormattableString.Invariant($"{major}.{minor}.{release}")
                : throw new Hdf5UnavailableException($"{location} is HDF5 {major}.{minor}.{release}; 1.10 or later is needed: {InstallStep}");
        }
        catch (EntryPointNotFoundException e)
        {
            throw new Hdf5UnavailableException($"{location} is not libhdf5: it has no H5open. Set {Variable} to libhdf5_serial.so.103.", e);
        }
    }

    private static nint LoadFile(out string location)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } forced)
        {
            location = forced;
            return LoadAt(forced);
        }

        if (NativeFiles.Beside(FileName) is { } beside)
        {
            location = beside;
            return LoadAt(beside);
        }

        if (NativeLibrary.TryLoad(FileName, out nint system))
        {
            location = FileName;
            return system;
        }

        location = NativeFiles.InCheckout(FileName) ?? throw new Hdf5UnavailableException(
            $"HDF5 ({FileName}) is not here: {InstallStep}, or run build/provision.sh, or set {Variable}=/path/to/{FileName}");
        return LoadAt(location);
    }

    private static nint LoadAt(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        foreach (string name in s_before)
        {
            // What is not there is the system's business; if that lacks it too, loading libhdf5 says so.
            _ = NativeLibrary.TryLoad(Path.Combine(folder, name), out _);
        }

        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            string reason = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .FirstOrDefault(l => l.Contains(':', StringComparison.Ordinal)) ?? e.Message.ReplaceLineEndings(" ");
            throw new Hdf5UnavailableException($"{path} cannot be loaded as libhdf5 ({reason}): {InstallStep}, or set {Variable}=/path/to/{FileName}", e);
        }
    }
}
