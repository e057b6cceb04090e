using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Inference;

namespace Engine.Host;

/// <summary>What this build is.</summary>
internal static class BuildInfo
{
    /// <summary>Version and revision.</summary>
    public static string Version { get; } =
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>How it was compiled, for which runtime and CPU level.</summary>
    public static string Build { get; } =
        $"{(RuntimeFeature.IsDynamicCodeCompiled ? "jit" : "native")} {RuntimeInformation.FrameworkDescription} {RuntimeInformation.RuntimeIdentifier}, cpu level {KernelChoice.Name(KernelChoice.Best)}";

    /// <summary>What the CPU could do beyond this build; null when nothing.</summary>
    public static string? Unused => KernelChoice.CpuBest > KernelChoice.Best
        ? $"the CPU could run {KernelChoice.Name(KernelChoice.CpuBest)}; publish with -p:EngineCpu=native on this host for it"
        : null;

    /// <summary>The text of `--version`.</summary>
    public static string VersionText()
    {
        string kernel;
        try
        {
            kernel = KernelChoice.Name(KernelChoice.FromEnvironment());
        }
        catch (KernelUnavailableException e)
        {
            kernel = $"none: {e.Message}";
        }

        return $"engine {Version} ({Build}, kernel {kernel})" + (Unused is { } unused ? $"\n{unused}" : "");
    }
}
