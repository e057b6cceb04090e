using Engine.Training.Devices;
using Engine.Training.Devices.Cuda;

namespace Engine.Training.Tests.Support;

/// <summary>Devices for tests, whose names begin with `Gpu`: a test without its device is skipped and says why.</summary>
internal static class GpuDevices
{
    /// <summary>Opens the first device of an API.</summary>
    public static ComputeDevice Open(DeviceApi api)
    {
        DeviceSurvey survey = api == DeviceApi.OpenCl ? DeviceList.OpenCl() : DeviceList.Cuda();
        if (survey.Devices.Count == 0)
        {
            Assert.Ignore($"no {api} device: {survey.Missing}");
        }

        return DeviceList.Open(survey.Devices[0]);
    }

    /// <summary>Compiles for CUDA, which needs no device.</summary>
    public static CudaImage Nvrtc(KernelSource source, string architecture)
    {
        if (NvrtcCompiler.Missing() is { Length: > 0 } why)
        {
            Assert.Ignore(why);
        }

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

    private static unsafe long Bytes<T>(int count)
        where T : unmanaged => (long)count * sizeof(T);
}
