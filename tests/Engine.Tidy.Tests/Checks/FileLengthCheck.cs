using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>A C# file has at most <see cref="MaxLines"/> lines.</summary>
internal static class FileLengthCheck
{
    /// <summary>The most lines of a file.</summary>
    public const int MaxLines = 500;

    /// <summary>Findings in one file.</summary>
    public static IEnumerable<Finding> Check(string path, string text)
    {
        int lines = text.AsSpan().Count('\n');
        if (lines > MaxLines)
        {
            yield return new Finding(path, 0, $"{lines} lines; the most is {MaxLines}. Split it along its responsibilities");
        }
    }
}
