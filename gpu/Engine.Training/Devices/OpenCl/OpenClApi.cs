namespace Engine.Training.Devices.OpenCl;

/// <summary>The functions of OpenCL 1.2 that are used, out of the ICD loader, found once per process.</summary>
/// <remarks>SAFETY: the signatures are those of the Khronos cl.h; cl_uint and cl_int are 32 bits, size_t and handles those of a pointer. Never unloaded.</remarks>
internal sealed unsafe class OpenClApi
{
    private static readonly DeviceLibrary s_library = new(
        "The OpenCL loader", "ENGINE_OPENCL", ["libOpenCL.so.1"], "apt-get install ocl-icd-libopencl1 and the OpenCL driver of the device (for CPUs: pocl-opencl-icd)");

    private static readonly Lazy<OpenClApi> s_shared = new(() => new OpenClApi(), LazyThreadSafetyMode.PublicationOnly);

    // SAFETY: as said above.
    private OpenClApi()
    {
        GetPlatformIds = (delegate* unmanaged[Cdecl]<uint, nint*, uint*, int>)s_library.Function("clGetPlatformIDs");
        GetDeviceIds = (delegate* unmanaged[Cdecl]<nint, ulong, uint, nint*, uint*, int>)s_library.Function("clGetDeviceIDs");
        GetPlatformInfo = Information("clGetPlatformInfo");
        GetDeviceInfo = Information("clGetDeviceInfo");
        GetKernelInfo = Information("clGetKernelInfo");
        GetEventProfilingInfo = Information("clGetEventProfilingInfo");
        GetKernelWorkGroupInfo = OfDevice("clGetKernelWorkGroupInfo");
        GetProgramBuildInfo = OfDevice("clGetProgramBuildInfo");
        CreateContext = (delegate* unmanaged[Cdecl]<nint*, uint, nint*, nint, nint, int*, nint>)s_library.Function("clCreateContext");
        CreateCommandQueue = (delegate* unmanaged[Cdecl]<nint, nint, ulong, int*, nint>)s_library.Function("clCreateCommandQueue");
        CreateBuffer = (delegate* unmanaged[Cdecl]<nint, ulong, nuint, void*, int*, nint>)s_library.Function("clCreateBuffer");
        CreateProgramWithSource = (delegate* unmanaged[Cdecl]<nint, uint, byte**, nuint*, int*, nint>)s_library.Function("clCreateProgramWithSource");
        BuildProgram = (delegate* unmanaged[Cdecl]<nint, uint, nint*, byte*, nint, nint, int>)s_library.Function("clBuildProgram");
        CreateKernel = (delegate* unmanaged[Cdecl]<nint, byte*, int*, nint>)s_library.Function("clCreateKernel");
        SetKernelArg = (delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, int>)s_library.Function("clSetKernelArg");
        EnqueueKernel = (delegate* unmanaged[Cdecl]<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)s_library.Function("clEnqueueNDRangeKernel");
        EnqueueWrite = Copy("clEnqueueWriteBuffer");
        EnqueueRead = Copy("clEnqueueReadBuffer");
        EnqueueFill = (delegate* unmanaged[Cdecl]<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int>)s_library.Function("clEnqueueFillBuffer");
        EnqueueMap = (delegate* unmanaged[Cdecl]<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, void*>)s_library.Function("clEnqueueMapBuffer");
        EnqueueUnmap = (delegate* unmanaged[Cdecl]<nint, nint, void*, uint, nint*, nint*, int>)s_library.Function("clEnqueueUnmapMemObject");
        EnqueueMarker = Marker("clEnqueueMarkerWithWaitList");
        EnqueueBarrier = Marker("clEnqueueBarrierWithWaitList");
        WaitForEvents = (delegate* unmanaged[Cdecl]<uint, nint*, int>)s_library.Function("clWaitForEvents");
        Flush = OfHandle("clFlush");
        Finish = OfHandle("clFinish");
        ReleaseEvent = OfHandle("clReleaseEvent");
        ReleaseKernel = OfHandle("clReleaseKernel");
        ReleaseProgram = OfHandle("clReleaseProgram");
        ReleaseMemory = OfHandle("clReleaseMemObject");
        ReleaseQueue = OfHandle("clReleaseCommandQueue");
        ReleaseContext = OfHandle("clReleaseContext");
    }

    /// <summary>The functions.</summary>
    /// <exception cref="DeviceException">The loader cannot be had.</exception>
    public static OpenClApi Shared => s_shared.Value;

    /// <summary>count, platforms, how many → status.</summary>
    public delegate* unmanaged[Cdecl]<uint, nint*, uint*, int> GetPlatformIds { get; }

    /// <summary>platform, type, count, devices, how many → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, ulong, uint, nint*, uint*, int> GetDeviceIds { get; }

    /// <summary>platform, what, bytes, value, bytes of it → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int> GetPlatformInfo { get; }

    /// <summary>device, what, bytes, value, bytes of it → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int> GetDeviceInfo { get; }

    /// <summary>kernel, what, bytes, value, bytes of it → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int> GetKernelInfo { get; }

    /// <summary>event, what, bytes, value, bytes of it → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int> GetEventProfilingInfo { get; }

    /// <summary>kernel, device, what, bytes, value, bytes of it → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, void*, nuint*, int> GetKernelWorkGroupInfo { get; }

    /// <summary>program, device, what, bytes, value, bytes of it → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, void*, nuint*, int> GetProgramBuildInfo { get; }

    /// <summary>properties, count, devices, callback, its data, status → context.</summary>
    public delegate* unmanaged[Cdecl]<nint*, uint, nint*, nint, nint, int*, nint> CreateContext { get; }

    /// <summary>context, device, properties, status → queue.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, ulong, int*, nint> CreateCommandQueue { get; }

    /// <summary>context, flags, bytes, host memory, status → memory.</summary>
    public delegate* unmanaged[Cdecl]<nint, ulong, nuint, void*, int*, nint> CreateBuffer { get; }

    /// <summary>context, count, texts, lengths, status → program.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, byte**, nuint*, int*, nint> CreateProgramWithSource { get; }

    /// <summary>program, count, devices, options, callback, its data → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nint*, byte*, nint, nint, int> BuildProgram { get; }

    /// <summary>program, name, status → kernel.</summary>
    public delegate* unmanaged[Cdecl]<nint, byte*, int*, nint> CreateKernel { get; }

    /// <summary>kernel, index, bytes, value → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, int> SetKernelArg { get; }

    /// <summary>queue, kernel, axes, offset, global, local, waits → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int> EnqueueKernel { get; }

    /// <summary>queue, memory, blocking, offset, bytes, host memory, waits → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> EnqueueWrite { get; }

    /// <summary>queue, memory, blocking, offset, bytes, host memory, waits → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> EnqueueRead { get; }

    /// <summary>queue, memory, pattern, its bytes, offset, bytes, waits → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int> EnqueueFill { get; }

    /// <summary>queue, memory, blocking, flags, offset, bytes, waits, status → host memory.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, void*> EnqueueMap { get; }

    /// <summary>queue, memory, host memory, waits → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, void*, uint, nint*, nint*, int> EnqueueUnmap { get; }

    /// <summary>queue, waits, event → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nint*, nint*, int> EnqueueMarker { get; }

    /// <summary>queue, waits, event → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, uint, nint*, nint*, int> EnqueueBarrier { get; }

    /// <summary>count, events → status.</summary>
    public delegate* unmanaged[Cdecl]<uint, nint*, int> WaitForEvents { get; }

    /// <summary>queue → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> Flush { get; }

    /// <summary>queue → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> Finish { get; }

    /// <summary>event → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ReleaseEvent { get; }

    /// <summary>kernel → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ReleaseKernel { get; }

    /// <summary>program → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ReleaseProgram { get; }

    /// <summary>memory → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ReleaseMemory { get; }

    /// <summary>queue → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ReleaseQueue { get; }

    /// <summary>context → status.</summary>
    public delegate* unmanaged[Cdecl]<nint, int> ReleaseContext { get; }

    private static delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int> Information(string name) =>
        (delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int>)s_library.Function(name);

    private static delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, void*, nuint*, int> OfDevice(string name) =>
        (delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, void*, nuint*, int>)s_library.Function(name);

    private static delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> Copy(string name) =>
        (delegate* unmanaged[Cdecl]<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)s_library.Function(name);

    private static delegate* unmanaged[Cdecl]<nint, uint, nint*, nint*, int> Marker(string name) =>
        (delegate* unmanaged[Cdecl]<nint, uint, nint*, nint*, int>)s_library.Function(name);

    private static delegate* unmanaged[Cdecl]<nint, int> OfHandle(string name) => (delegate* unmanaged[Cdecl]<nint, int>)s_library.Function(name);
}
