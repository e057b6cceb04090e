namespace Engine.Training.Devices.Cuda;

/// <summary>Finds the devices that speak CUDA.</summary>
internal static class CudaDevices
{
    /// <summary>What there is, and what is missing.</summary>
    public static (IReadOnlyList<DeviceInfo> Devices, string Missing) List() => ([], "CUDA is not spoken.");

    /// <summary>Opens a device that was listed.</summary>
    /// <exception cref="DeviceException">It cannot be had.</exception>
    public static ComputeDevice Open(DeviceInfo info) => throw new DeviceException("CUDA is not spoken.");
}
