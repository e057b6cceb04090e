using Engine.Inference.Artefacts;
using Engine.Lab;
using Engine.Simulator;

namespace Engine.Training.Tests;

/// <summary>The generated files of tools/samples, and others of the checkout.</summary>
internal static class SampleDay
{
    private const int MaxParents = 32;

    private static readonly Lazy<ModelArtefact> s_seeded = new(Make);

    public static string Capture { get; } = PathOf("market.pcap.gz");

    /// <summary>A silo model like that of the samples, with seeded weights: its predictions are of the size of 1, where differences show.</summary>
    public static ModelArtefact Seeded => s_seeded.Value;

    /// <summary>A file of tools/samples.</summary>
    public static string PathOf(string name) => FindFile("tools", "samples", name);

    private static ModelArtefact Make()
    {
        string folder = Directory.CreateTempSubdirectory("engine-seeded-").FullName;
        try
        {
            string capture = Path.Combine(folder, "day.pcap"), model = Path.Combine(folder, "silo.onnx");
            using (FileStream file = File.Create(capture))
            {
                Simulation.Run(new SimulationOptions { Seed = 20_260_102, Date = new DateOnly(2026, 1, 2), Messages = 200_000 }, file);
            }

            using var error = new StringWriter();
            Assert.That(LabCommandLine.Run(["seed-model", capture, "-o", model], TextWriter.Null, error), Is.Zero, error.ToString());
            return ModelArtefact.Load(model);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A file of the checkout.</summary>
    public static string FindFile(params string[] path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (int i = 0; i < MaxParents && directory is not null; i++, directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Engine.sln")))
            {
                return Path.Combine([directory.FullName, .. path]);
            }
        }

        throw new InvalidOperationException("Engine.sln is in no parent of the test's folder");
    }
}
