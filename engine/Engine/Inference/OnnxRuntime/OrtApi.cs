using System.Runtime.InteropServices;

namespace Engine.Inference.OnnxRuntime;

/// <summary>
/// The functions of ONNX Runtime's C interface that are used here, read out of its table once. The table only ever grows at
/// its end, so an index holds for every later version. Source: the struct OrtApi in onnxruntime_c_api.h, whose members are
/// counted from 0. Handles are opaque pointers.
/// </summary>
internal sealed unsafe class OrtApi
{
    /// <summary>The interface version asked for; every library since 1.13 has it.</summary>
    public const uint InterfaceVersion = 13;

    /// <summary>Element types of the interface (its own numbering, the same as the file format's).</summary>
    public const int Float = 1;

    /// <inheritdoc cref="Float"/>
    public const int Int32 = 6;

    /// <inheritdoc cref="Float"/>
    public const int Int64 = 7;

    /// <summary>Element type of float64 tensors.</summary>
    public const int Double = 11;

    private readonly delegate* unmanaged[Cdecl]<void*, int> _getErrorCode;
    private readonly delegate* unmanaged[Cdecl]<void*, byte*> _getErrorMessage;
    private readonly delegate* unmanaged[Cdecl]<void*, void> _releaseStatus;

    // SAFETY: table points to an OrtApi of at least the version asked for; its members are all function pointers, and each
    // signature below is the header's for that member.
    private OrtApi(void** table, string version)
    {
        Version = version;
        _getErrorCode = (delegate* unmanaged[Cdecl]<void*, int>)table[1];
        _getErrorMessage = (delegate* unmanaged[Cdecl]<void*, byte*>)table[2];
        CreateEnv = (delegate* unmanaged[Cdecl]<int, byte*, void**, void*>)table[3];
        CreateSessionFromArray = (delegate* unmanaged[Cdecl]<void*, void*, nuint, void*, void**, void*>)table[8];
        Run = (delegate* unmanaged[Cdecl]<void*, void*, byte**, void**, nuint, byte**, nuint, void**, void*>)table[9];
        CreateSessionOptions = (delegate* unmanaged[Cdecl]<void**, void*>)table[10];
        SetSessionExecutionMode = (delegate* unmanaged[Cdecl]<void*, int, void*>)table[13];
        SetSessionGraphOptimizationLevel = (delegate* unmanaged[Cdecl]<void*, int, void*>)table[23];
        SetIntraOpNumThreads = (delegate* unmanaged[Cdecl]<void*, int, void*>)table[24];
        SetInterOpNumThreads = (delegate* unmanaged[Cdecl]<void*, int, void*>)table[25];
        SessionGetInputCount = (delegate* unmanaged[Cdecl]<void*, nuint*, void*>)table[30];
        SessionGetOutputCount = (delegate* unmanaged[Cdecl]<void*, nuint*, void*>)table[31];
        SessionGetInputName = (delegate* unmanaged[Cdecl]<void*, nuint, void*, byte**, void*>)table[36];
        SessionGetOutputName = (delegate* unmanaged[Cdecl]<void*, nuint, void*, byte**, void*>)table[37];
        CreateTensorWithData = (delegate* unmanaged[Cdecl]<void*, void*, nuint, long*, nuint, int, void**, void*>)table[49];
        CreateCpuMemoryInfo = (delegate* unmanaged[Cdecl]<int, int, void**, void*>)table[69];
        AllocatorFree = (delegate* unmanaged[Cdecl]<void*, void*, void*>)table[76];
        GetAllocatorWithDefaultOptions = (delegate* unmanaged[Cdecl]<void**, void*>)table[78];
        _releaseStatus = (delegate* unmanaged[Cdecl]<void*, void>)table[93];
        ReleaseMemoryInfo = (delegate* unmanaged[Cdecl]<void*, void>)table[94];
        ReleaseSession = (delegate* unmanaged[Cdecl]<void*, void>)table[95];
        ReleaseValue = (delegate* unmanaged[Cdecl]<void*, void>)table[96];
        ReleaseSessionOptions = (delegate* unmanaged[Cdecl]<void*, void>)table[100];
        AddSessionConfigEntry = (delegate* unmanaged[Cdecl]<void*, byte*, byte*, void*>)table[130];
    }

    /// <summary>The library's own version, e.g. `1.30.0`.</summary>
    public string Version { get; }

    /// <summary>(log level, log name, out env) → status.</summary>
    public delegate* unmanaged[Cdecl]<int, byte*, void**, void*> CreateEnv { get; }

    /// <summary>(env, bytes, length, options, out session) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, void*, nuint, void*, void**, void*> CreateSessionFromArray { get; }

    /// <summary>(session, run options or null, input names, inputs, count, output names, count, outputs) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, void*, byte**, void**, nuint, byte**, nuint, void**, void*> Run { get; }

    /// <summary>(out options) → status.</summary>
    public delegate* unmanaged[Cdecl]<void**, void*> CreateSessionOptions { get; }

    /// <summary>(options, 0 sequential or 1 parallel) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, int, void*> SetSessionExecutionMode { get; }

    /// <summary>(options, level; 99 is all) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, int, void*> SetSessionGraphOptimizationLevel { get; }

    /// <summary>(options, threads) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, int, void*> SetIntraOpNumThreads { get; }

    /// <summary>(options, threads) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, int, void*> SetInterOpNumThreads { get; }

    /// <summary>(session, out count) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, nuint*, void*> SessionGetInputCount { get; }

    /// <summary>(session, out count) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, nuint*, void*> SessionGetOutputCount { get; }

    /// <summary>(session, index, allocator, out name that the allocator frees) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, nuint, void*, byte**, void*> SessionGetInputName { get; }

    /// <summary>(session, index, allocator, out name that the allocator frees) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, nuint, void*, byte**, void*> SessionGetOutputName { get; }

    /// <summary>(memory info, data, bytes, dimensions, rank, element type, out value) → status. The data stays the caller's.</summary>
    public delegate* unmanaged[Cdecl]<void*, void*, nuint, long*, nuint, int, void**, void*> CreateTensorWithData { get; }

    /// <summary>(allocator type, memory type, out info) → status.</summary>
    public delegate* unmanaged[Cdecl]<int, int, void**, void*> CreateCpuMemoryInfo { get; }

    /// <summary>(allocator, pointer) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, void*, void*> AllocatorFree { get; }

    /// <summary>(out allocator) → status; the allocator is the library's.</summary>
    public delegate* unmanaged[Cdecl]<void**, void*> GetAllocatorWithDefaultOptions { get; }

    /// <summary>(info).</summary>
    public delegate* unmanaged[Cdecl]<void*, void> ReleaseMemoryInfo { get; }

    /// <summary>(session).</summary>
    public delegate* unmanaged[Cdecl]<void*, void> ReleaseSession { get; }

    /// <summary>(value).</summary>
    public delegate* unmanaged[Cdecl]<void*, void> ReleaseValue { get; }

    /// <summary>(options).</summary>
    public delegate* unmanaged[Cdecl]<void*, void> ReleaseSessionOptions { get; }

    /// <summary>(options, key, value) → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, byte*, byte*, void*> AddSessionConfigEntry { get; }

    /// <summary>Reads the table of a loaded library.</summary>
    /// <param name="library">A handle of <see cref="NativeLibrary"/>.</param>
    /// <param name="path">Where it was loaded from, for messages.</param>
    /// <exception cref="OrtUnavailableException">It is another library, or one that is too old.</exception>
    public static OrtApi FromLibrary(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint getBase))
        {
            throw new OrtUnavailableException($"{path} is not ONNX Runtime: it exports no OrtGetApiBase. Set {OrtLibrary.Variable} to libonnxruntime.so.");
        }

        // SAFETY: OrtGetApiBase takes nothing and returns a struct of two function pointers: GetApi(version) and
        // GetVersionString(). Both live as long as the library, which is never unloaded.
        var apiBase = ((delegate* unmanaged[Cdecl]<void**>)getBase)();
        string version = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)apiBase[1])()) ?? "?";
        var table = ((delegate* unmanaged[Cdecl]<uint, void**>)apiBase[0])(InterfaceVersion);
        if (table == null)
        {
            throw new OrtUnavailableException($"{path} is ONNX Runtime {version}, without interface version {InterfaceVersion}; {OrtLibrary.PinnedVersion} is expected.");
        }

        return new OrtApi(table, version);
    }

    /// <summary>Turns a status into an exception; null is success.</summary>
    /// <exception cref="OrtException">The call failed.</exception>
    public void Check(void* status, string call)
    {
        if (status != null)
        {
            Throw(status, call);
        }
    }

    private void Throw(void* status, string call)
    {
        // SAFETY: the status is ours until it is released; its message lives as long.
        int code = _getErrorCode(status);
        string message = Marshal.PtrToStringUTF8((nint)_getErrorMessage(status)) ?? string.Empty;
        _releaseStatus(status);
        throw new OrtException(call, code, message);
    }
}
