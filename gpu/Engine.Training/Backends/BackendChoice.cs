using Engine.Training.Backends.Cpu;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;

namespace Engine.Training.Backends;

/// <summary>What is asked to train.</summary>
public enum BackendKind
{
    /// <summary>A CUDA device, else an OpenCL device that is no CPU, else the CPU.</summary>
    Auto,

    /// <summary>The CPU, by its own kernels.</summary>
    Cpu,

    /// <summary>An OpenCL device, CPUs among them.</summary>
    OpenCl,

    /// <summary>A CUDA device.</summary>
    Cuda,
}

/// <summary>What is to train, and where.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Device">Its number in the list of its API's devices; null for the first, of OpenCL's the first that is no CPU.</param>
/// <param name="IsFast">LSTMs' matrix products of operands rounded to tf32.</param>
public sealed record BackendChoice(BackendKind Kind, int? Device = null, bool IsFast = false)
{
    /// <summary>The kinds, spelled.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["auto", "cpu", "opencl", "cuda"];

    /// <summary>Opens what is to train.</summary>
    /// <param name="threads">Threads where it is the CPU; 0 for one a CPU of this process.</param>
    /// <exception cref="DeviceException">It cannot be had, or cannot do what is asked; what there is, or the next step.</exception>
    public ITrainingBackend Open(int threads = 0) => Find(api => api == DeviceApi.Cuda ? DeviceList.Cuda() : DeviceList.OpenCl()) is { } device
        ? GpuBackend.Open(device, new GpuOptions { IsFast = IsFast })
        : new CpuBackend(threads);

    /// <summary>The device that is to train, of those that there are; null for the CPU by its own kernels.</summary>
    /// <param name="survey">Tells what devices an API has; asked for no API that cannot be chosen.</param>
    /// <exception cref="DeviceException">There is none, or it cannot do what is asked; what there is, or the next step.</exception>
    public DeviceInfo? Find(Func<DeviceApi, DeviceSurvey> survey)
    {
        if (Device is not null && Kind is BackendKind.Auto or BackendKind.Cpu)
        {
            throw new DeviceException($"device {Device} of which API? A number goes with opencl or cuda.");
        }

        DeviceInfo? found = Kind switch
        {
            BackendKind.Cpu => null,
            BackendKind.Cuda => Numbered(Whole(survey(DeviceApi.Cuda))),
            BackendKind.OpenCl => Numbered(Whole(survey(DeviceApi.OpenCl))),
            _ => survey(DeviceApi.Cuda) is { Devices.Count: > 0 } cuda ? Whole(cuda).Devices[0] : survey(DeviceApi.OpenCl).Devices.FirstOrDefault(d => !d.IsCpu),
        };
        return !IsFast || found is { HasTf32: true } ? found
            : throw new DeviceException($"{found?.Name ?? "the CPU"} has no matrix units for tf32, which fast training is made of. Next: train without it, or on a CUDA device of compute capability 8.0 or later.");
    }

    // A device without its compiler is none that trains, and no reason to train elsewhere without a word.
    private static DeviceSurvey Whole(DeviceSurvey survey) => survey.Devices.Count > 0 && (survey.Missing.Length == 0 || survey.Api == DeviceApi.OpenCl) ? survey
        : throw new DeviceException($"no {Kinds[(int)(survey.Api == DeviceApi.Cuda ? BackendKind.Cuda : BackendKind.OpenCl)]} device{(survey.Devices.Count > 0 ? " that compiles" : "")}: {survey.Missing}");

    private DeviceInfo Numbered(DeviceSurvey survey)
    {
        if (Device is not { } number)
        {
            return survey.Devices.FirstOrDefault(d => !d.IsCpu) ?? survey.Devices[0];
        }

        return number >= 0 && number < survey.Devices.Count ? survey.Devices[number]
            : throw new DeviceException($"{Kinds[(int)Kind]} has no device {number}; it has {string.Join(", ", survey.Devices.Select(d => $"{d.Index} ({d.Name})"))}{(survey.Missing.Length > 0 ? $"; {survey.Missing}" : "")}");
    }
}
