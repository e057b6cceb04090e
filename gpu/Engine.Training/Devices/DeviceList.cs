using Engine.Training.Devices.Cuda;
using Engine.Training.Devices.OpenCl;

namespace Engine.Training.Devices;

/// <summary>The devices of an API, and what keeps others away.</summary>
/// <param name="Api">Which.</param>
/// <param name="Devices">In the API's order; empty where there are none.</param>
/// <param name="Missing">
/// What is missing and the next step, as a sentence; empty for nothing. Beside OpenCL's devices it tells of other drivers that fail, beside CUDA's that
/// nothing can be compiled for them.
/// </param>
public sealed record DeviceSurvey(DeviceApi Api, IReadOnlyList<DeviceInfo> Devices, string Missing);

/// <summary>What devices this machine has.</summary>
public static class DeviceList
{
    /// <summary>The devices that speak OpenCL.</summary>
    public static DeviceSurvey OpenCl() => Survey(DeviceApi.OpenCl, OpenClDevices.List);

    /// <summary>The devices that speak CUDA.</summary>
    public static DeviceSurvey Cuda() => Survey(DeviceApi.Cuda, CudaDevices.List);

    /// <summary>Opens a device.</summary>
    /// <param name="info">One of those that were listed.</param>
    /// <exception cref="DeviceException">It cannot be had.</exception>
    public static ComputeDevice Open(DeviceInfo info) => info.Api == DeviceApi.OpenCl ? OpenClDevices.Open(info) : CudaDevices.Open(info);

    private static DeviceSurvey Survey(DeviceApi api, Func<(IReadOnlyList<DeviceInfo> Devices, string Missing)> list)
    {
        try
        {
            (IReadOnlyList<DeviceInfo> devices, string missing) = list();
            return new DeviceSurvey(api, devices, missing);
        }
        catch (DeviceException e)
        {
            return new DeviceSurvey(api, [], e.Message);
        }
    }
}
