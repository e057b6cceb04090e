using System.Globalization;
using System.Text;

namespace Engine.Training.Devices.Cuda;

/// <summary>Finds the devices that speak CUDA.</summary>
/// <remarks>SAFETY: buffers are as long as the library was told.</remarks>
internal static unsafe class CudaDevices
{
    private const int NameBytes = 256;
    private const int NoDevice = 100;

    // CU_DEVICE_ATTRIBUTE_…
    private const int MaxThreadsPerBlock = 1;
    private const int MultiprocessorCount = 16;
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;
    private const int MaxSharedMemoryPerBlockOptIn = 97;

    /// <summary>What there is, and what is missing.</summary>
    /// <exception cref="DeviceException">The driver cannot be had.</exception>
    public static (IReadOnlyList<DeviceInfo> Devices, string Missing) List()
    {
        CudaApi api = CudaApi.Shared;
        int status = api.Init(0), count = 0, version = 0;
        if (status == NoDevice)
        {
            return ([], $"{api.Name(status)}: the CUDA driver sees no GPU. Next: see what nvidia-smi says; a container needs the GPU passed in.");
        }

        api.Check(status, "starting the CUDA driver (next: see what nvidia-smi says)");
        api.Check(api.DeviceGetCount(&count), "counting CUDA's devices");
        api.Check(api.DriverGetVersion(&version), "asking the CUDA driver's version");
        var devices = new List<DeviceInfo>();
        for (int i = 0; i < count; i++)
        {
            devices.Add(Describe(api, i, version));
        }

        return (devices, count == 0 ? "The CUDA driver sees no GPU. Next: see what nvidia-smi says." : NvrtcCompiler.Missing());
    }

    /// <summary>Opens a device that was listed.</summary>
    /// <exception cref="DeviceException">It cannot be had.</exception>
    public static CudaDevice Open(DeviceInfo info)
    {
        CudaApi api = CudaApi.Shared;
        if (info.Index >= List().Devices.Count || List().Devices[info.Index] != info)
        {
            throw new DeviceException($"The CUDA device {info.Index} is no longer {info.Name}. Next: list the devices again.");
        }

        int device;
        api.Check(api.DeviceGet(&device, info.Index), $"opening {info.Name}");
        return new CudaDevice(api, device, info);
    }

    private static DeviceInfo Describe(CudaApi api, int index, int version)
    {
        // SAFETY: the driver is told the length of the name's buffer, and writes one number into each of the others.
        int handle;
        nuint bytes;
        byte* name = stackalloc byte[NameBytes];
        api.Check(api.DeviceGet(&handle, index), $"asking for CUDA device {index}");
        int device = handle;
        api.Check(api.DeviceGetName(name, NameBytes, device), $"asking for CUDA device {index}");
        api.Check(api.DeviceTotalMem(&bytes, device), $"asking for CUDA device {index}");
        int major = Attribute(ComputeCapabilityMajor), minor = Attribute(ComputeCapabilityMinor);
        return new DeviceInfo
        {
            Api = DeviceApi.Cuda,
            Index = index,
            Name = Encoding.UTF8.GetString(name, new ReadOnlySpan<byte>(name, NameBytes).IndexOf((byte)0)),
            Platform = "NVIDIA CUDA",
            Driver = string.Create(CultureInfo.InvariantCulture, $"CUDA {version / 1000}.{version % 1000 / 10}"),
            GlobalBytes = (long)bytes,
            LocalBytes = Attribute(MaxSharedMemoryPerBlockOptIn),
            MaxGroupSize = Attribute(MaxThreadsPerBlock),
            ComputeUnits = Attribute(MultiprocessorCount),
            HasFloat64 = true,
            HasTf32 = major >= 8,
            Architecture = string.Create(CultureInfo.InvariantCulture, $"sm_{major}{minor}"),
        };

        int Attribute(int attribute)
        {
            int value;
            api.Check(api.DeviceGetAttribute(&value, attribute, device), $"asking CUDA device {index} for attribute {attribute}");
            return value;
        }
    }
}
