using System.Globalization;

namespace Engine.Training.Devices;

/// <summary>Checks what a queue is asked for: the libraries underneath write wherever they are told to.</summary>
internal static class DeviceRanges
{
    /// <summary>What to do where memory does not suffice.</summary>
    public const string SmallerNext = "Next: a smaller batch, or fewer networks side by side.";

    /// <summary>A copy lies inside both memories.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not.</exception>
    public static void CheckCopy(long deviceBytes, long deviceOffset, long hostBytes, long hostOffset, long bytes)
    {
        Check(deviceBytes, deviceOffset, bytes, "of the device");
        Check(hostBytes, hostOffset, bytes, "of the host");
    }

    /// <summary>A buffer can be filled with words of 32 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot.</exception>
    public static void CheckFill(long bytes) => ArgumentOutOfRangeException.ThrowIfNotEqual(bytes % sizeof(uint), 0, nameof(bytes));

    /// <summary>A launch's sizes; whether there is something to run.</summary>
    /// <exception cref="DeviceException">They are beyond the kernel or the device.</exception>
    public static bool CheckLaunch(DeviceKernel kernel, DeviceInfo device, int groupsX, int groupsY, int groupSize, int localBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(groupsX);
        ArgumentOutOfRangeException.ThrowIfNegative(groupsY);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groupSize);
        ArgumentOutOfRangeException.ThrowIfNegative(localBytes);
        if (groupSize > kernel.MaxGroupSize)
        {
            throw new DeviceException($"{Describe(kernel, groupsX, groupsY, groupSize, localBytes)}: a group of it has at most " +
                $"{kernel.MaxGroupSize} work items on {device.Name} ({kernel.Resources}).");
        }

        if (localBytes > device.LocalBytes)
        {
            throw new DeviceException($"{Describe(kernel, groupsX, groupsY, groupSize, localBytes)}: {device.Name} has {device.LocalBytes} for a group.");
        }

        return groupsX > 0 && groupsY > 0;
    }

    /// <summary>A kernel is given all that it takes: local memory is its last argument, and whoever launches it asks for some.</summary>
    /// <param name="kernel">Which.</param>
    /// <param name="takes">Its arguments, with the local memory.</param>
    /// <param name="given">Those that it is given, without.</param>
    /// <param name="localBytes">Local memory that it is given; 0 where it takes none.</param>
    /// <exception cref="DeviceException">It takes more, or fewer.</exception>
    public static void CheckArguments(DeviceKernel kernel, int takes, int given, int localBytes)
    {
        if (takes != given + (localBytes > 0 ? 1 : 0))
        {
            throw new DeviceException($"kernel '{kernel.Name}' has {takes} arguments; it was given {given}{(localBytes > 0 ? " and local memory" : "")}");
        }
    }

    /// <summary>A launch in words.</summary>
    public static string Describe(DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes) =>
        string.Create(CultureInfo.InvariantCulture, $"kernel '{kernel.Name}', {groupsX} x {groupsY} groups of {groupSize}, {localBytes} local bytes");

    private static void Check(long length, long offset, long bytes, string whose)
    {
        if (offset < 0 || bytes < 0 || offset > length - bytes)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), $"{bytes} bytes from {offset} are not inside the {length} bytes {whose}.");
        }
    }
}
