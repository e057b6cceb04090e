using Engine.Core.Hdf5;
using Engine.Features.Contracts;
using Engine.Feeds.Captures;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Lab.Truth;
using Engine.Training.Datasets;
using Engine.Training.Devices;
using Engine.Training.Runs;
using Engine.Training.Trees;

namespace Engine.Lab;

/// <summary>What the research libraries throw, as exit codes: 1 for a fault in the data, 2 for anything that was asked for wrongly.</summary>
internal static class ResearchErrors
{
    /// <summary>Exit code of a fault in the data.</summary>
    public const int DataExit = 1;

    /// <summary>The exit code of an exception whose message is one line for people; null for any other exception.</summary>
    public static int? ExitOf(Exception e) => e switch
    {
        DatasetException dataset => dataset.IsData ? DataExit : LabCommandLine.UsageExit,
        RunException run => run.IsData ? DataExit : LabCommandLine.UsageExit,
        CaptureException capture => capture.ExitCode,
        TruthException => DataExit,
        Hdf5Exception or InvalidDataException or ArtefactException => DataExit,
        DeviceException or Hdf5UnavailableException or XgboostUnavailableException or KernelUnavailableException or ContractException or UnauthorizedAccessException => LabCommandLine.UsageExit,
        _ => null,
    };
}
