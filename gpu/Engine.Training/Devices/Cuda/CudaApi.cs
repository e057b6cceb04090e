namespace Engine.Training.Devices.Cuda;

/// <summary>The functions of CUDA's driver that are used, found once per process.</summary>
/// <remarks>
/// SAFETY: the signatures are those of cuda.h of CUDA 11 to 13, under the names that it maps them to (`_v2`): CUdevice and CUresult are ints,
/// CUdeviceptr 64 bits, contexts, modules, functions, streams and events pointers. Never unloaded.
/// </remarks>
internal sealed unsafe class CudaApi
{
    private static readonly DeviceLibrary s_library = new(
        "NVIDIA's CUDA driver", "ENGINE_CUDA", ["libcuda.so.1"], "install the driver of the GPU (Debian: nvidia-driver-libs or libcuda1; in a container, its runtime brings it)");

    private static readonly Lazy<CudaApi> s_shared = new(() => new CudaApi(), LazyThreadSafetyMode.PublicationOnly);

    // SAFETY: as said above.
    private CudaApi()
    {
        GetErrorName = (delegate* unmanaged[Cdecl]<int, byte**, int>)s_library.Function("cuGetErrorName");
        GetErrorString = (delegate* unmanaged[Cdecl]<int, byte**, int>)s_library.Function("cuGetErrorString");
        Init = (delegate* unmanaged[Cdecl]<uint, int>)s_library.Function("cuInit");
        DriverGetVersion = (delegate* unmanaged[Cdecl]<int*, int>)s_library.Function("cuDriverGetVersion");
        DeviceGetCount = (delegate* unmanaged[Cdecl]<int*, int>)s_library.Function("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged[Cdecl]<int*, int, int>)s_library.Function("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged[Cdecl]<byte*, int, int, int>)s_library.Function("cuDeviceGetName");
        DeviceTotalMem = (delegate* unmanaged[Cdecl]<nuint*, int, int>)s_library.Function("cuDeviceTotalMem_v2");
        DeviceGetAttribute = (delegate* unmanaged[Cdecl]<int*, int, int, int>)s_library.Function("cuDeviceGetAttribute");
        PrimaryContextRetain = (delegate* unmanaged[Cdecl]<nint*, int, int>)s_library.Function("cuDevicePrimaryCtxRetain");
        PrimaryContextRelease = (delegate* unmanaged[Cdecl]<int, int>)s_library.Function("cuDevicePrimaryCtxRelease_v2");
        ContextSetCurrent = OfHandle("cuCtxSetCurrent");
        MemAlloc = (delegate* unmanaged[Cdecl]<ulong*, nuint, int>)s_library.Function("cuMemAlloc_v2");
        MemFree = (delegate* unmanaged[Cdecl]<ulong, int>)s_library.Function("cuMemFree_v2");
        MemHostAlloc = (delegate* unmanaged[Cdecl]<void**, nuint, uint, int>)s_library.Function("cuMemHostAlloc");
        MemFreeHost = (delegate* unmanaged[Cdecl]<void*, int>)s_library.Function("cuMemFreeHost");
        CopyToDevice = (delegate* unmanaged[Cdecl]<ulong, void*, nuint, nint, int>)s_library.Function("cuMemcpyHtoDAsync_v2");
        CopyFromDevice = (delegate* unmanaged[Cdecl]<void*, ulong, nuint, nint, int>)s_library.Function("cuMemcpyDtoHAsync_v2");
        FillWords = (delegate* unmanaged[Cdecl]<ulong, uint, nuint, nint, int>)s_library.Function("cuMemsetD32Async");
        ModuleLoad = (delegate* unmanaged[Cdecl]<nint*, void*, uint, int*, void**, int>)s_library.Function("cuModuleLoadDataEx");
        ModuleUnload = OfHandle("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged[Cdecl]<nint*, nint, byte*, int>)s_library.Function("cuModuleGetFunction");
        FunctionGetAttribute = (delegate* unmanaged[Cdecl]<int*, int, nint, int>)s_library.Function("cuFuncGetAttribute");
        FunctionSetAttribute = (delegate* unmanaged[Cdecl]<nint, int, int, int>)s_library.Function("cuFuncSetAttribute");
        FunctionGetParameter = (delegate* unmanaged[Cdecl]<nint, nuint, nuint*, nuint*, int>)s_library.TryFunction("cuFuncGetParamInfo");
        Launch = (delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)s_library.Function("cuLaunchKernel");
        StreamCreate = (delegate* unmanaged[Cdecl]<nint*, uint, int>)s_library.Function("cuStreamCreate");
        StreamWaitEvent = (delegate* unmanaged[Cdecl]<nint, nint, uint, int>)s_library.Function("cuStreamWaitEvent");
        StreamSynchronize = OfHandle("cuStreamSynchronize");
        StreamDestroy = OfHandle("cuStreamDestroy_v2");
        EventCreate = (delegate* unmanaged[Cdecl]<nint*, uint, int>)s_library.Function("cuEventCreate");
        EventRecord = (delegate* unmanaged[Cdecl]<nint, nint, int>)s_library.Function("cuEventRecord");
        EventElapsedTime = (delegate* unmanaged[Cdecl]<float*, nint, nint, int>)s_library.Function("cuEventElapsedTime");
        EventSynchronize = OfHandle("cuEventSynchronize");
        EventDestroy = OfHandle("cuEventDestroy_v2");
    }

    /// <summary>The functions.</summary>
    /// <exception cref="DeviceException">The driver cannot be had.</exception>
    public static CudaApi Shared => s_shared.Value;

    /// <summary>code, name → status.</summary>
    public delegate* unmanaged[Cdecl]<int, byte**, int> GetErrorName { get; }

    /// <summary>code, words → status.</summary>
    public delegate* unmanaged[Cdecl]<int, byte**, int> GetErrorString { get; }

    /// <summary>flags → status.</summary>
    public delegate* unmanaged[Cdecl]<uint, int> Init { get; }

    /// <summary>version → status.</summary>
    public delegate* unmanaged[Cdecl]<int*, int> DriverGetVersion { get; }

    /// <summary>count → status.</summary>
    public delegate* unmanaged[Cdecl]<int*, int> DeviceGetCount { get; }

    /// <summary>device, ordinal → status.</summary>
    public delegate* unmanaged[Cdecl]<int*, int, int> DeviceGet { get; }

    /// <summary>name, its bytes, device → status.</summary>
    public delegate* unmanaged[Cdecl]<byte*, int, int, int> DeviceGetName { get; }

    /// <summary>bytes, device → status.</summary>
    public delegate* unmanaged[Cdecl]<nuint*, int, int> DeviceTotalMem { get; }

    /// <summary>value, attribute, device → status.</summary>
    public delegate* unmanaged[Cdecl]<int*, int, int, int> DeviceGetAttribute { get; }

    /// <summary>context, device → status.</summary>
    public delegate* unmanaged[Cdecl]<nint*, int, int> PrimaryContextRetain { get; }

    /// <summary>device → status.</summary>
    public delegate* unmanaged[Cdecl]<int, int> PrimaryContextRelease { get; }

    /// <summary>context → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ContextSetCurrent { get; }

    /// <summary>memory, bytes → status.</summary>
    public delegate* unmanaged[Cdecl]<ulong*, nuint, int> MemAlloc { get; }

    /// <summary>memory → status.</summary>
    public delegate* unmanaged[Cdecl]<ulong, int> MemFree { get; }

    /// <summary>host memory, bytes, flags → status.</summary>
    public delegate* unmanaged[Cdecl]<void**, nuint, uint, int> MemHostAlloc { get; }

    /// <summary>host memory → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, int> MemFreeHost { get; }

    /// <summary>memory, host memory, bytes, stream → status.</summary>
    public delegate* unmanaged[Cdecl]<ulong, void*, nuint, nint, int> CopyToDevice { get; }

    /// <summary>host memory, memory, bytes, stream → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, ulong, nuint, nint, int> CopyFromDevice { get; }

    /// <summary>memory, word, words, stream → status.</summary>
    public delegate* unmanaged[Cdecl]<ulong, uint, nuint, nint, int> FillWords { get; }

    /// <summary>module, image, count, options, their values → status.</summary>
    public delegate* unmanaged[Cdecl]<nint*, void*, uint, int*, void**, int> ModuleLoad { get; }

    /// <summary>module → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ModuleUnload { get; }

    /// <summary>function, module, name → status.</summary>
    public delegate* unmanaged[Cdecl]<nint*, nint, byte*, int> ModuleGetFunction { get; }

    /// <summary>value, attribute, function → status.</summary>
    public delegate* unmanaged[Cdecl]<int*, int, nint, int> FunctionGetAttribute { get; }

    /// <summary>function, attribute, value → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int, int, int> FunctionSetAttribute { get; }

    /// <summary>function, index, offset, bytes → status; null before CUDA 12.4.</summary>
    public delegate* unmanaged[Cdecl]<nint, nuint, nuint*, nuint*, int> FunctionGetParameter { get; }

    /// <summary>function, grid x, y, z, block x, y, z, shared bytes, stream, arguments, extra → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> Launch { get; }

    /// <summary>stream, flags → status.</summary>
    public delegate* unmanaged[Cdecl]<nint*, uint, int> StreamCreate { get; }

    /// <summary>stream, event, flags → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, int> StreamWaitEvent { get; }

    /// <summary>stream → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> StreamSynchronize { get; }

    /// <summary>stream → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> StreamDestroy { get; }

    /// <summary>event, flags → status.</summary>
    public delegate* unmanaged[Cdecl]<nint*, uint, int> EventCreate { get; }

    /// <summary>event, stream → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, int> EventRecord { get; }

    /// <summary>milliseconds, first, second → status.</summary>
    public delegate* unmanaged[Cdecl]<float*, nint, nint, int> EventElapsedTime { get; }

    /// <summary>event → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> EventSynchronize { get; }

    /// <summary>event → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> EventDestroy { get; }

    /// <summary>Throws where a call failed.</summary>
    /// <param name="status">What it returned.</param>
    /// <param name="what">What was to be done.</param>
    /// <exception cref="DeviceException">The status is not 0.</exception>
    public void Check(int status, string what)
    {
        if (status != 0)
        {
            throw new DeviceException($"{what}: {Name(status)}");
        }
    }

    /// <summary>A code's name and the driver's words for it.</summary>
    public string Name(int status)
    {
        byte* name = null, words = null;
        return GetErrorName(status, &name) == 0 && GetErrorString(status, &words) == 0 ? $"{Text(name)} ({Text(words)})" : $"CUDA's code {status}";

        static string Text(byte* text) => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    private static delegate* unmanaged[Cdecl]<nint, int> OfHandle(string name) => (delegate* unmanaged[Cdecl]<nint, int>)s_library.Function(name);
}
