using System.Globalization;
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
        (List<Usable> found, List<string> failures) = Find(OpenClApi.Shared);
        if (found.Count == 0 && failures.Count == 0)
        {
            return ([], "OpenCL's loader knows no device that compiles kernels. Next: install the OpenCL driver of the device (for CPUs: apt-get install pocl-opencl-icd).");
        }

        string missing = failures.Count == 0 ? "" : $"{string.Join("; ", failures)}. Next: mend that driver, or take its file out of /etc/OpenCL/vendors.";
        return ([.. found.Select((f, i) => f.Info with { Index = i })], missing);
    }

    /// <summary>Opens a device that was listed.</summary>
    /// <exception cref="DeviceException">It cannot be had.</exception>
    public static OpenClDevice Open(DeviceInfo info)
    {
        OpenClApi api = OpenClApi.Shared;
        List<Usable> found = Find(api).Found;
        if (info.Index >= found.Count || (found[info.Index].Info with { Index = info.Index }) != info)
        {
            throw new DeviceException($"The OpenCL device {info.Index} is no longer {info.Name}. Next: list the devices again.");
        }

        (nint platform, nint device, _) = found[info.Index];
        return new OpenClDevice(api, platform, device, info, Text(api.GetDeviceInfo, device, DeviceExtensions), SingleFlags(api, device));
    }

    /// <summary>What all platforms have, one after the other: one whose driver fails is left out and hides none of the others.</summary>
    /// <param name="platforms">How many there are.</param>
    /// <param name="devicesOf">A platform's devices; may fail.</param>
    internal static (List<T> Found, List<string> Failures) OfAll<T>(int platforms, Func<int, IReadOnlyList<T>> devicesOf)
    {
        var found = new List<T>();
        var failures = new List<string>();
        for (int p = 0; p < platforms; p++)
        {
            try
            {
                found.AddRange(devicesOf(p));
            }
            catch (DeviceException e)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"OpenCL's platform {p} is left out: {e.Message}"));
            }
        }

        return (found, failures);
    }

    private static (List<Usable> Found, List<string> Failures) Find(OpenClApi api)
    {
        // SAFETY: the library is told how long the list is.
        nint* platforms = stackalloc nint[MaxPlatforms];
        uint count = 0;
        int status = api.GetPlatformIds(MaxPlatforms, platforms, &count);
        if (status == OpenClStatus.PlatformNotFound)
        {
            return ([], []);
        }

        OpenClStatus.Check(status, "listing OpenCL's platforms");
        nint[] handles = new ReadOnlySpan<nint>(platforms, (int)Math.Min(count, MaxPlatforms)).ToArray();
        return OfAll(handles.Length, p => Of(api, handles[p]));
    }

    private static List<Usable> Of(OpenClApi api, nint platform)
    {
        // SAFETY: the library is told how long the list is.
        nint* devices = stackalloc nint[MaxDevices];
        uint count = 0;
        int status = api.GetDeviceIds(platform, AllTypes, MaxDevices, devices, &count);
        if (status == OpenClStatus.DeviceNotFound)
        {
            return [];
        }

        string name = Text(api.GetPlatformInfo, platform, PlatformName);
        OpenClStatus.Check(status, $"listing the devices of {name}");
        var found = new List<Usable>();
        for (int d = 0; d < Math.Min(count, MaxDevices); d++)
        {
            if (IsUsable(api, devices[d]))
            {
                found.Add(new Usable(platform, devices[d], Describe(api, name, devices[d])));
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

    private static DeviceInfo Describe(OpenClApi api, string platform, nint device) => new()
    {
        Api = DeviceApi.OpenCl,
        Index = 0,
        Name = Text(api.GetDeviceInfo, device, 0x102B),
        Platform = platform,
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

    /// <summary>A device that trains.</summary>
    /// <param name="Platform">The platform's handle.</param>
    /// <param name="Device">The device's handle.</param>
    /// <param name="Info">What it is; its number is its place in the list.</param>
    private sealed record Usable(nint Platform, nint Device, DeviceInfo Info);
}
