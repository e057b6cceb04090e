namespace Engine.Lab.Studies;

/// <summary>A step of a study ended badly; it has said why on standard error.</summary>
/// <param name="exitCode">How it ended.</param>
internal sealed class StudyException(int exitCode) : Exception($"a step of the study ended with {exitCode}")
{
    /// <summary>The step's exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
