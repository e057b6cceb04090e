using System.Reflection;

namespace Engine.Lab;

/// <summary>What this build of `lab` is.</summary>
internal static class LabVersion
{
    /// <summary>Version and revision.</summary>
    public static string Text { get; } =
        typeof(LabVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
