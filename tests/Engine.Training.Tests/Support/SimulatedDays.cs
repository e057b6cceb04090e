using Engine.Core.Events;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Simulator;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Support;

/// <summary>A folder of short simulated days, removed at the end.</summary>
internal sealed class SimulatedDays : IDisposable
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("engine-training-").FullName;

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a day's capture.</summary>
    /// <param name="day">Day of January 2026; also the seed.</param>
    /// <param name="messages">How long.</param>
    /// <param name="loss">Probability that a packet is lost.</param>
    /// <param name="venue">In whose messages.</param>
    /// <param name="channels">Channels that share the instruments.</param>
    public string Capture(int day, long messages = 4_000, double loss = 0, Venue venue = Venue.Itch50, int channels = 1)
    {
        string path = PathOf($"2026-01-{day:00}.pcap");
        using FileStream file = File.Create(path);
        Simulation.Run(
            new SimulationOptions
            {
                Seed = (ulong)day, Date = new DateOnly(2026, 1, day), Messages = messages, Instruments = 3, Loss = loss, Venue = venue, RatePerSecond = 200, Channels = channels,
            },
            file);
        return path;
    }

    /// <summary>How the days become rows: the small contract, on a grid unless another sampling is named.</summary>
    public static DatasetOptions Options(string sampling = "grid-100", string contract = "small") => new()
    {
        Contract = ContractDefinition.BuiltIn(contract),
        Sampling = Sampling.TryParse(sampling, out Sampling parsed) ? parsed : throw new ArgumentException(sampling),
        ToolVersion = "test",
    };

    /// <summary>Builds a data set of some days in a folder of its own.</summary>
    public string Dataset(string name, DatasetOptions options, params string[] captures)
    {
        string folder = PathOf(name);
        var builder = new DatasetBuilder(folder, options, overwrite: false);
        Array.ForEach(captures, c => builder.Add([c]));
        return folder;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
