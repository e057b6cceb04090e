using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Devices.Cuda;

namespace Engine.Training.Tests.Support;

/// <summary>
/// Devices for tests, whose names begin with `Gpu`: a test without its device is skipped and says why, and fails where the environment says that what it
/// needs is here.
/// </summary>
internal static class GpuDevices
{
    /// <summary>Set to 1 where OpenCL must have a device.</summary>
    public const string OpenClVariable = "ENGINE_EXPECT_OPENCL";

    /// <summary>Set to 1 where CUDA's compiler must be found.</summary>
    public const string NvrtcVariable = "ENGINE_EXPECT_NVRTC";

    /// <summary>Opens the first device of an API.</summary>
    public static ComputeDevice Open(DeviceApi api) => DeviceList.Open(Survey(api).Devices[0]);

    /// <summary>The devices of an API, of which there is one at least.</summary>
    public static DeviceSurvey Survey(DeviceApi api)
    {
        DeviceSurvey survey = api == DeviceApi.OpenCl ? DeviceList.OpenCl() : DeviceList.Cuda();
        if (survey.Devices.Count == 0)
        {
            Lacks(api == DeviceApi.OpenCl ? OpenClVariable : null, $"no {api} device: {survey.Missing}");
        }
        else if (api == DeviceApi.Cuda)
        {
            NeedsNvrtc();
        }

        return survey;
    }

    /// <summary>Skips the test at hand where CUDA's compiler is not found.</summary>
    public static void NeedsNvrtc()
    {
        if (NvrtcCompiler.Missing() is { Length: > 0 } why)
        {
            Lacks(NvrtcVariable, why);
        }
    }

    /// <summary>Skips the test at hand, or fails it where what it lacks must be here.</summary>
    /// <param name="variable">Is 1 where it must; null for what need not be anywhere.</param>
    /// <param name="why">What is missing.</param>
    public static void Lacks(string? variable, string why)
    {
        if (variable is not null && Environment.GetEnvironmentVariable(variable) == "1")
        {
            Assert.Fail($"{variable}=1, and {why}");
        }

        Assert.Ignore(why);
    }

    /// <summary>Compiles for CUDA, which needs no device.</summary>
    public static CudaImage Nvrtc(KernelSource source, string architecture)
    {
        NeedsNvrtc();
        return NvrtcCompiler.Compile(source, architecture);
    }

    /// <summary>Memory of a device with numbers in it.</summary>
    public static DeviceBuffer Buffer<T>(ComputeDevice device, DeviceQueue queue, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using PinnedMemory pinned = device.Pin(Bytes<T>(values.Length));
        values.CopyTo(pinned.As<T>());
        DeviceBuffer buffer = device.Allocate(pinned.Bytes);
        queue.Write(buffer, 0, pinned, 0, pinned.Bytes);
        queue.Finish();
        return buffer;
    }

    /// <summary>What is in a device's memory when all is done.</summary>
    public static T[] Read<T>(ComputeDevice device, DeviceQueue queue, DeviceBuffer buffer)
        where T : unmanaged
    {
        using PinnedMemory pinned = device.Pin(buffer.Bytes);
        queue.Read(buffer, 0, pinned, 0, pinned.Bytes);
        queue.Finish();
        return pinned.As<T>().ToArray();
    }

    /// <summary>A source of one file, `test.cl`.</summary>
    public static KernelSource Source(string text, params (string Name, string Value)[] constants) => new("test", [("test.cl", text)], constants);

    /// <summary>A source of one file, `test.cl`, behind that of matrix units.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="isEmulated">Whether plain loops stand for them on any device.</param>
    public static KernelSource MatrixUnits(string text, bool isEmulated = false) => new(
        "test", [("lstm_mma.cl", GpuContext.Text("lstm_mma.cl")), ("test.cl", text)], isEmulated ? [("EMULATES_TF32", "1")] : []);

    private static unsafe long Bytes<T>(int count)
        where T : unmanaged => (long)count * sizeof(T);
}
