using System.Globalization;
using System.Text;

namespace Engine.Training.Devices.Cuda;

/// <summary>A program that NVRTC compiled, loaded by the driver.</summary>
/// <remarks>SAFETY: texts and images are zero-terminated and pinned during a call; logs are as long as the driver is told.</remarks>
internal sealed unsafe class CudaProgram : DeviceProgram
{
    private const int LogBytes = 16 * 1024;

    // CU_JIT_…_LOG_BUFFER and …_SIZE_BYTES of the linker's words and of its errors.
    private const int InfoLog = 3;
    private const int InfoLogBytes = 4;
    private const int ErrorLog = 5;
    private const int ErrorLogBytes = 6;

    private readonly CudaDevice _device;
    private readonly CudaImage _image;
    private readonly Dictionary<string, CudaKernel> _kernels = [];
    private nint _module;

    /// <param name="device">For which.</param>
    /// <param name="image">What.</param>
    public CudaProgram(CudaDevice device, CudaImage image)
    {
        (_device, _image) = (device, image);
        CudaApi api = device.Enter();
        byte[] info = new byte[LogBytes], errors = new byte[LogBytes];
        int* options = stackalloc int[] { InfoLog, InfoLogBytes, ErrorLog, ErrorLogBytes };
        nint module;
        int status;

        // PTX is a text, which ends with a zero.
        fixed (byte* bytes = (byte[])[.. image.Bytes, 0], infoBytes = info, errorBytes = errors)
        {
            void** values = stackalloc void*[] { infoBytes, (void*)LogBytes, errorBytes, (void*)LogBytes };
            status = api.ModuleLoad(&module, bytes, 4, options, values);
        }

        if (status != 0)
        {
            throw new DeviceException(
                $"{device.Info.Name} ({device.Info.Driver}) does not load '{image.Name}' as {image.Compiler} compiled it for {image.Architecture}: " +
                $"{api.Name(status)} {Words(errors)}".TrimEnd() + ". Next: let ENGINE_NVRTC name an NVRTC that is no newer than the driver.");
        }

        _module = module;
        Log = string.Join('\n', ((string[])[image.Log, Words(info)]).Where(words => words.Length > 0));
        device.OpenObjects++;
    }

    /// <inheritdoc/>
    public override string Log { get; }

    /// <inheritdoc/>
    public override DeviceKernel Kernel(string name)
    {
        ObjectDisposedException.ThrowIf(_module == 0, this);
        if (_kernels.TryGetValue(name, out CudaKernel? known))
        {
            return known;
        }

        CudaApi api = _device.Enter();
        nint function;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(name + '\0'))
        {
            api.Check(api.ModuleGetFunction(&function, _module, bytes), $"the program has no kernel '{name}'");
        }

        return _kernels[name] = new CudaKernel(api, function, name, _image.Kernels.GetValueOrDefault(name));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_module != 0)
        {
            _device.Release(api => _ = api.ModuleUnload(_module));
            _module = 0;
            _device.OpenObjects--;
        }
    }

    private static string Words(byte[] log) => Encoding.UTF8.GetString(log, 0, Math.Max(0, Array.IndexOf(log, (byte)0))).Trim();
}

/// <summary>A kernel of a CUDA program.</summary>
internal sealed unsafe class CudaKernel : DeviceKernel
{
    private const int MaxParameters = 256;

    // CU_FUNC_ATTRIBUTE_…
    private const int MaxThreadsPerBlock = 0;
    private const int SharedSizeBytes = 1;
    private const int LocalSizeBytes = 3;
    private const int NumRegs = 4;
    private const int MaxDynamicSharedSizeBytes = 8;

    private readonly int _registers;
    private readonly int _threadBytes;
    private readonly KernelRegisters? _report;
    private int _dynamicLimit;

    /// <param name="api">The functions, the context current.</param>
    /// <param name="handle">The driver's.</param>
    /// <param name="name">Its name.</param>
    /// <param name="report">What the assembler said of it; null for nothing.</param>
    public CudaKernel(CudaApi api, nint handle, string name, KernelRegisters? report)
    {
        (Handle, Name, _report) = (handle, name, report);
        MaxGroupSize = Attribute(api, MaxThreadsPerBlock);
        LocalBytes = Attribute(api, SharedSizeBytes);
        _threadBytes = Attribute(api, LocalSizeBytes);
        _registers = Attribute(api, NumRegs);
        _dynamicLimit = Attribute(api, MaxDynamicSharedSizeBytes);
        ParameterBytes = Parameters(api);
    }

    /// <summary>The driver's handle.</summary>
    public nint Handle { get; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int MaxGroupSize { get; }

    /// <summary>Shared memory that it declares.</summary>
    public int LocalBytes { get; }

    /// <summary>Bytes of each argument, with that of the local memory; null where the driver does not tell.</summary>
    public IReadOnlyList<int>? ParameterBytes { get; }

    /// <inheritdoc/>
    public override string Resources => string.Create(
        CultureInfo.InvariantCulture,
        $"groups of up to {MaxGroupSize}, {_registers} registers, {LocalBytes} local bytes, {_threadBytes} bytes of thread memory") + (_report is null ? "" : $", {_report.Spills}");

    /// <summary>Lets it have so much shared memory at launch.</summary>
    /// <exception cref="DeviceException">The device refuses.</exception>
    public void Allow(CudaApi api, int dynamicBytes)
    {
        if (dynamicBytes > _dynamicLimit)
        {
            api.Check(api.FunctionSetAttribute(Handle, MaxDynamicSharedSizeBytes, dynamicBytes), $"giving kernel '{Name}' {dynamicBytes} bytes of local memory");
            _dynamicLimit = dynamicBytes;
        }
    }

    // One beyond the last is an invalid value.
    private List<int>? Parameters(CudaApi api)
    {
        if (api.FunctionGetParameter is null)
        {
            return null;
        }

        var sizes = new List<int>();
        nuint offset, bytes;
        while (sizes.Count < MaxParameters && api.FunctionGetParameter(Handle, (nuint)sizes.Count, &offset, &bytes) == 0)
        {
            sizes.Add((int)bytes);
        }

        return sizes;
    }

    private int Attribute(CudaApi api, int attribute)
    {
        int value;

        // SAFETY: the value is an int.
        api.Check(api.FunctionGetAttribute(&value, attribute, Handle), $"asking for attribute {attribute} of '{Name}'");
        return value;
    }
}
