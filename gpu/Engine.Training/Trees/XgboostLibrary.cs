using System.Runtime.InteropServices;
using Engine.Core.Natives;

namespace Engine.Training.Trees;

/// <summary>
/// Finds and loads XGBoost once per process: the file that `ENGINE_XGBOOST` names, else one beside the binary, else the system's, else the one
/// under `.native` of the checkout that the binary is in.
/// </summary>
/// <remarks>SAFETY: the signatures are those of XGBoost's c_api.h; the library is never unloaded.</remarks>
internal static unsafe class XgboostLibrary
{
    /// <summary>The environment variable with the library's path.</summary>
    public const string Variable = "ENGINE_XGBOOST";

    private const string FileName = "libxgboost.so.0";

    // What libxgboost itself is linked to and a machine may lack.
    private static readonly string[] s_before = ["libgomp.so.1", "libdmlc.so.0"];
    private static readonly Lock s_gate = new();
    private static nint s_library;

    /// <summary>A function of the library.</summary>
    /// <exception cref="XgboostUnavailableException">The library cannot be had.</exception>
    public static nint Function(string name)
    {
        lock (s_gate)
        {
            if (s_library == 0)
            {
                s_library = Load();
            }
        }

        return NativeLibrary.GetExport(s_library, name);
    }

    /// <summary>Throws what the library says where a call failed.</summary>
    /// <exception cref="XgboostException">The status is not 0.</exception>
    public static void Check(int status, string call)
    {
        if (status != 0)
        {
            // SAFETY: as said above.
            var error = (delegate* unmanaged[Cdecl]<byte*>)Function("XGBGetLastError");
            string text = Marshal.PtrToStringUTF8((nint)error()) ?? "no reason given";
            throw new XgboostException($"{call}: {text.Split('\n')[0]}");
        }
    }

    private static nint Load()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return NativeLibrary.TryLoad(named, out nint forced)
                ? forced
                : throw new XgboostUnavailableException($"{Variable}={named} cannot be loaded. Set it to a libxgboost.so, or unset it.");
        }

        if (TryLoad(NativeFiles.Beside, out nint library) || NativeLibrary.TryLoad(FileName, out library) || TryLoad(NativeFiles.InCheckout, out library))
        {
            return library;
        }

        throw new XgboostUnavailableException($"XGBoost ({FileName}) was not found. Next: apt-get install libxgboost0, or set {Variable}=/path/to/{FileName}.");
    }

    private static bool TryLoad(Func<string, string?> find, out nint library)
    {
        library = 0;
        if (find(FileName) is not { } path)
        {
            return false;
        }

        foreach (string before in s_before)
        {
            // The system's own serves as well.
            _ = find(before) is { } file && NativeLibrary.TryLoad(file, out _);
        }

        return NativeLibrary.TryLoad(path, out library);
    }
}
