using Engine.Lab;

namespace Engine.Host.Tests.Support;

/// <summary>The command `lab`, in this process.</summary>
internal static class LabRun
{
    /// <summary>A seeded model over the small capture.</summary>
    /// <param name="options">Options of `lab seed-model` but for the capture and the output.</param>
    public static string SeedModel(params string[] options) => SeedModelOf(SampleRuns.SmallCapture, options);

    /// <summary>A seeded model over a capture.</summary>
    /// <param name="capture">The capture.</param>
    /// <param name="options">Other options of `lab seed-model`.</param>
    public static string SeedModelOf(string capture, params string[] options)
    {
        string path = Repository.NewPath(".onnx");
        (int exit, string error) = Run(["seed-model", capture, "-o", path, .. options]);
        Assert.That(exit, Is.Zero, error);
        return path;
    }

    /// <summary>Any command.</summary>
    public static (int Exit, string Error) Run(params string[] arguments)
    {
        var error = new StringWriter();
        return (LabCommandLine.Run(arguments, TextWriter.Null, error), error.ToString());
    }
}
