namespace Engine.Training.Devices.OpenCl;

/// <summary>What OpenCL's functions return, named as in cl.h.</summary>
internal static class OpenClStatus
{
    /// <summary>Nothing went wrong.</summary>
    public const int Success = 0;

    /// <summary>No device of the type.</summary>
    public const int DeviceNotFound = -1;

    /// <summary>The program's text has errors.</summary>
    public const int BuildProgramFailure = -11;

    /// <summary>The program has no such kernel.</summary>
    public const int InvalidKernelName = -46;

    /// <summary>The loader knows no driver.</summary>
    public const int PlatformNotFound = -1001;

    /// <summary>A code's name.</summary>
    public static string Name(int status) => status switch
    {
        Success => "CL_SUCCESS",
        DeviceNotFound => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        -4 => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        -5 => "CL_OUT_OF_RESOURCES",
        -6 => "CL_OUT_OF_HOST_MEMORY",
        -7 => "CL_PROFILING_INFO_NOT_AVAILABLE",
        -8 => "CL_MEM_COPY_OVERLAP",
        BuildProgramFailure => "CL_BUILD_PROGRAM_FAILURE",
        -12 => "CL_MAP_FAILURE",
        -13 => "CL_MISALIGNED_SUB_BUFFER_OFFSET",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -30 => "CL_INVALID_VALUE",
        -31 => "CL_INVALID_DEVICE_TYPE",
        -32 => "CL_INVALID_PLATFORM",
        -33 => "CL_INVALID_DEVICE",
        -34 => "CL_INVALID_CONTEXT",
        -35 => "CL_INVALID_QUEUE_PROPERTIES",
        -36 => "CL_INVALID_COMMAND_QUEUE",
        -37 => "CL_INVALID_HOST_PTR",
        -38 => "CL_INVALID_MEM_OBJECT",
        -43 => "CL_INVALID_BUILD_OPTIONS",
        -44 => "CL_INVALID_PROGRAM",
        -45 => "CL_INVALID_PROGRAM_EXECUTABLE",
        InvalidKernelName => "CL_INVALID_KERNEL_NAME",
        -47 => "CL_INVALID_KERNEL_DEFINITION",
        -48 => "CL_INVALID_KERNEL",
        -49 => "CL_INVALID_ARG_INDEX",
        -50 => "CL_INVALID_ARG_VALUE",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -53 => "CL_INVALID_WORK_DIMENSION",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        -55 => "CL_INVALID_WORK_ITEM_SIZE",
        -56 => "CL_INVALID_GLOBAL_OFFSET",
        -57 => "CL_INVALID_EVENT_WAIT_LIST",
        -58 => "CL_INVALID_EVENT",
        -59 => "CL_INVALID_OPERATION",
        -61 => "CL_INVALID_BUFFER_SIZE",
        -63 => "CL_INVALID_GLOBAL_WORK_SIZE",
        -64 => "CL_INVALID_PROPERTY",
        PlatformNotFound => "CL_PLATFORM_NOT_FOUND_KHR",
        _ => $"OpenCL's code {status}",
    };

    /// <summary>Throws where a call failed.</summary>
    /// <param name="status">What it returned.</param>
    /// <param name="what">What was to be done.</param>
    /// <exception cref="DeviceException">The status is not 0.</exception>
    public static void Check(int status, string what)
    {
        if (status != Success)
        {
            throw new DeviceException($"{what}: {Name(status)}");
        }
    }
}
