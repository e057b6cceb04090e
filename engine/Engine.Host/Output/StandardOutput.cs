namespace Engine.Host.Output;

/// <summary>
/// Standard output for rows: a stream that tells when its reader is gone. The class library's own swallows EPIPE, and a command
/// would go on to the end of a large capture for nobody.
/// </summary>
internal static class StandardOutput
{
    /// <summary>What messages call it.</summary>
    public const string Name = "standard output";

    /// <summary>Standard output; elsewhere than on Linux the class library's.</summary>
    public static Stream Open() =>
        OperatingSystem.IsLinux() ? new DescriptorStream(StandardStreams.Output, Name, Tolerance.None) : Console.OpenStandardOutput();
}
