namespace Engine.Training.Devices;

/// <summary>What a device is spoken to through.</summary>
public enum DeviceApi
{
    /// <summary>OpenCL, through the ICD loader.</summary>
    OpenCl,

    /// <summary>CUDA: its driver and NVRTC.</summary>
    Cuda,
}

/// <summary>A device and what it can do.</summary>
public sealed record DeviceInfo
{
    /// <summary>How it is spoken to.</summary>
    public required DeviceApi Api { get; init; }

    /// <summary>Its place in the list of that API's devices, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its own name.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is, e.g. the OpenCL platform.</summary>
    public required string Platform { get; init; }

    /// <summary>Its driver's version.</summary>
    public required string Driver { get; init; }

    /// <summary>Bytes of its own memory.</summary>
    public required long GlobalBytes { get; init; }

    /// <summary>Most bytes of local (CUDA: shared) memory that a group can have.</summary>
    public required int LocalBytes { get; init; }

    /// <summary>Most work items of a group.</summary>
    public required int MaxGroupSize { get; init; }

    /// <summary>Compute units (CUDA: multiprocessors).</summary>
    public required int ComputeUnits { get; init; }

    /// <summary>Whether kernels may use float64.</summary>
    public required bool HasFloat64 { get; init; }

    /// <summary>Whether it has matrix units for tf32 (CUDA from compute capability 8.0).</summary>
    public required bool HasTf32 { get; init; }

    /// <summary>Whether it is the host's own CPU.</summary>
    public bool IsCpu { get; init; }

    /// <summary>The architecture that programs are compiled for, e.g. `sm_90`; empty where the driver chooses.</summary>
    public string Architecture { get; init; } = "";
}
