using System.Runtime.InteropServices;
using Engine.Core.Natives;

namespace Engine.Inference.OnnxRuntime;

/// <summary>
/// Finds and loads ONNX Runtime once per process: the file that `ENGINE_ONNXRUNTIME` names, else one beside the binary, else
/// the one under `.native` of the checkout that the binary is in.
/// </summary>
public static class OrtLibrary
{
    /// <summary>The environment variable with the library's path.</summary>
    public const string Variable = "ENGINE_ONNXRUNTIME";

    /// <summary>The version that the build fetches.</summary>
    public const string PinnedVersion = "1.30.0";

    private const string FileName = "libonnxruntime.so.1";

    private static readonly Lock _gate = new();
    private static OrtApi? _api;
    private static nint _environment;

    /// <summary>The version of the library in use, after loading it.</summary>
    /// <exception cref="OrtUnavailableException">It cannot be had.</exception>
    public static string Version => Api.Version;

    /// <summary>The functions, loading the library when first asked.</summary>
    /// <exception cref="OrtUnavailableException">It cannot be had.</exception>
    internal static OrtApi Api
    {
        get
        {
            lock (_gate)
            {
                return _api ??= Load();
            }
        }
    }

    /// <summary>Where the library is, without loading it; null if nowhere. An override is returned whether or not it exists.</summary>
    public static string? Find()
    {
        string? forced = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(forced))
        {
            return forced;
        }

        return NativeFiles.Beside(FileName) ?? NativeFiles.InCheckout(FileName);
    }

    /// <summary>The one environment of the process; never released, since sessions may outlive any owner.</summary>
    internal static unsafe void* SharedEnvironment()
    {
        OrtApi api = Api;
        lock (_gate)
        {
            if (_environment == 0)
            {
                // SAFETY: the name is zero-terminated and copied by the callee. Level 4: only fatal messages are printed;
                // errors come back as statuses.
                void* created;
                fixed (byte* name = "engine\0"u8)
                {
                    api.Check(api.CreateEnv(4, name, &created), nameof(api.CreateEnv));
                }

                _environment = (nint)created;
            }

            return (void*)_environment;
        }
    }

    private static OrtApi Load()
    {
        string path = Find() ?? throw new OrtUnavailableException(
            $"ONNX Runtime ({FileName}) is not here: looked beside the binary and in .native of the checkout. " +
            $"Run build/provision.sh, or set {Variable}=/path/to/libonnxruntime.so, or use --inference native.");
        try
        {
            return OrtApi.FromLibrary(NativeLibrary.Load(path), path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new OrtUnavailableException($"{path} cannot be loaded as ONNX Runtime: {e.Message.ReplaceLineEndings(" ")} Set {Variable} to libonnxruntime.so {PinnedVersion}.", e);
        }
    }
}
