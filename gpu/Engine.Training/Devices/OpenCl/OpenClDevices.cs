using System.Text;

namespace Engine.Training.Devices.OpenCl;

/// <summary>Finds the devices that speak OpenCL 1.2 or later and compile.</summary>
/// <remarks>SAFETY: buffers are as long as the library was told.</remarks>
internal static unsafe class OpenClDevices
{
    private const int MaxPlatforms = 64;
    private const int MaxDevices = 256;
    private const int MaxTextBytes = 64 * 1024;
    private const ulong AllTypes = 0xFFFF_FFFF;
    private const ulong CpuType = 1 << 1;

    // clGetPlatformInfo and clGetDeviceInfo.
    private const uint PlatformName = 0x0902;
    private const uint DeviceVersion = 0x102F;
    private const uint DeviceExtensions = 0x1030;

    /// <summary>What there is, and what is missing.</summary>
    /// <exception cref="DeviceException">The loader cannot be had.</exception>
    public static (IReadOnlyList<DeviceInfo> Devices, string Missing) List()
    {
        OpenClApi api = OpenClApi.Shared;
        List<(nint Platform, nint Device)> found = Find(api);
        return ([.. found.Select((f, i) => Describe(api, f.Platform, f.Device, i))],
            found.Count > 0 ? "" : "OpenCL's loader knows no device that compiles kernels. Next: install the OpenCL driver of the device (for CPUs: apt-get install pocl-opencl-icd).");
    }

    /// <summary>Opens a device that was listed.</summary>
    /// <exception cref="DeviceException">It cannot be had.</exception>
    public static OpenClDevice Open(DeviceInfo info)
    {
        OpenClApi api = OpenClApi.Shared;
        List<(nint Platform, nint Device)> found = Find(api);
        if (info.Index >= found.Count || Describe(api, found[info.Index].Platform, found[info.Index].Device, info.Index) != info)
        {
            throw new DeviceException($"The OpenCL device {info.Index} is no longer {info.Name}. Next: list the devices again.");
        }

        (nint platform, nint device) = found[info.Index];
        return new OpenClDevice(api, platform, device, info, Text(api.GetDeviceInfo, device, DeviceExtensions), SingleFlags(api, device));
    }

    private static List<(nint Platform, nint Device)> Find(OpenClApi api)
    {
        var found = new List<(nint, nint)>();

        // SAFETY: the library is told how long the lists are.
        nint* platforms = stackalloc nint[MaxPlatforms];
        nint* devices = stackalloc nint[MaxDevices];
        uint platformCount = 0;
        int status = api.GetPlatformIds(MaxPlatforms, platforms, &platformCount);
        if (status == OpenClStatus.PlatformNotFound)
        {
            return found;
        }

        OpenClStatus.Check(status, "listing OpenCL's platforms");
        for (int p = 0; p < Math.Min(platformCount, MaxPlatforms); p++)
        {
            uint deviceCount = 0;
            status = api.GetDeviceIds(platforms[p], AllTypes, MaxDevices, devices, &deviceCount);
            if (status == OpenClStatus.DeviceNotFound)
            {
                continue;
            }

            OpenClStatus.Check(status, $"listing the devices of {Text(api.GetPlatformInfo, platforms[p], PlatformName)}");
            for (int d = 0; d < Math.Min(deviceCount, MaxDevices); d++)
            {
                if (IsUsable(api, devices[d]))
                {
                    found.Add((platforms[p], devices[d]));
                }
            }
        }

        return found;
    }

    // "OpenCL 3.0 …" of a device that is there and has a compiler.
    private static bool IsUsable(OpenClApi api, nint device)
    {
        string[] words = Text(api.GetDeviceInfo, device, DeviceVersion).Split(' ', '.');
        return Number(api, device, 0x1027, sizeof(uint)) != 0 && Number(api, device, 0x1028, sizeof(uint)) != 0 && words.Length > 2 &&
            int.TryParse(words[1], out int major) && int.TryParse(words[2], out int minor) && (major, minor).CompareTo((1, 2)) >= 0;
    }

    private static DeviceInfo Describe(OpenClApi api, nint platform, nint device, int index) => new()
    {
        Api = DeviceApi.OpenCl,
        Index = index,
        Name = Text(api.GetDeviceInfo, device, 0x102B),
        Platform = Text(api.GetPlatformInfo, platform, PlatformName),
        Driver = Text(api.GetDeviceInfo, device, 0x102D),
        GlobalBytes = (long)Number(api, device, 0x101F, sizeof(ulong)),
        LocalBytes = (int)Math.Min(Number(api, device, 0x1023, sizeof(ulong)), int.MaxValue),
        MaxGroupSize = (int)Math.Min(Number(api, device, 0x1004, sizeof(nuint)), int.MaxValue),
        ComputeUnits = (int)Number(api, device, 0x1002, sizeof(uint)),
        HasFloat64 = Number(api, device, 0x1032, sizeof(ulong)) != 0,
        HasTf32 = false,
        IsCpu = (Number(api, device, 0x1000, sizeof(ulong)) & CpuType) != 0,
    };

    private static ulong SingleFlags(OpenClApi api, nint device) => Number(api, device, 0x101B, sizeof(ulong));

    private static ulong Number(OpenClApi api, nint device, uint what, int bytes)
    {
        ulong value = 0;
        OpenClStatus.Check(api.GetDeviceInfo(device, what, (nuint)bytes, &value, null), $"asking a device for 0x{what:X}");
        return value;
    }

    private static string Text(delegate* unmanaged[Cdecl]<nint, uint, nuint, void*, nuint*, int> ask, nint handle, uint what)
    {
        byte[] text = new byte[MaxTextBytes];
        nuint length = 0;
        fixed (byte* pointer = text)
        {
            OpenClStatus.Check(ask(handle, what, MaxTextBytes, pointer, &length), $"asking a device for 0x{what:X}");
        }

        return Encoding.UTF8.GetString(text, 0, (int)Math.Min(length, MaxTextBytes)).TrimEnd('\0').Trim();
    }
}
