using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Engine.Inference;

/// <summary>The instruction set that the native kernels run on. All of them give the same bits.</summary>
public enum Kernel
{
    /// <summary>One lane; runs anywhere.</summary>
    Scalar,

    /// <summary>Eight float lanes: AVX2 and FMA.</summary>
    Avx2,

    /// <summary>Sixteen float lanes: AVX-512 F.</summary>
    Avx512,
}

/// <summary>A kernel was asked for that this process cannot run: a configuration error (exit 2), never a fallback.</summary>
public sealed class KernelUnavailableException : Exception
{
    /// <param name="message">What was asked for, why it cannot be, and what can.</param>
    public KernelUnavailableException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// Which kernel runs: the best that this process supports, or the one that `ENGINE_KERNEL` names. A native binary supports
/// only the level that it was published for, whatever the CPU could do.
/// </summary>
public static class KernelChoice
{
    /// <summary>The environment variable that forces a kernel: `scalar`, `avx2` or `avx512`.</summary>
    public const string Variable = "ENGINE_KERNEL";

    private static readonly string[] _names = ["scalar", "avx2", "avx512"];

    /// <summary>The best kernel that this process can run.</summary>
    public static Kernel Best => IsSupported(Kernel.Avx512) ? Kernel.Avx512 : IsSupported(Kernel.Avx2) ? Kernel.Avx2 : Kernel.Scalar;

    /// <summary>Every kernel that this process can run, narrowest first.</summary>
    public static IEnumerable<Kernel> Supported => Enum.GetValues<Kernel>().Where(IsSupported);

    /// <summary>
    /// The best kernel that the CPU could run, whatever level this binary was published for. Read from the kernel's list of CPU
    /// flags on Linux (which leaves out what the operating system does not save); elsewhere the same as <see cref="Best"/>.
    /// </summary>
    public static Kernel CpuBest => _cpuBest.Value;

    private static readonly Lazy<Kernel> _cpuBest = new(ReadCpu);

    /// <summary>The kernel's name: `scalar`, `avx2` or `avx512`.</summary>
    public static string Name(Kernel kernel) => _names[(int)kernel];

    /// <summary>Whether this process can run a kernel.</summary>
    public static bool IsSupported(Kernel kernel) => kernel switch
    {
        Kernel.Scalar => true,
        Kernel.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        Kernel.Avx512 => Avx512F.IsSupported,
        _ => false,
    };

    /// <summary>The kernel to run.</summary>
    /// <param name="forced">A name, or null or empty for the best.</param>
    /// <exception cref="KernelUnavailableException">The name is unknown, or the kernel cannot run here.</exception>
    public static Kernel Select(string? forced)
    {
        if (string.IsNullOrEmpty(forced))
        {
            return Best;
        }

        int index = Array.IndexOf(_names, forced);
        if (index < 0)
        {
            throw new KernelUnavailableException($"{Variable}={forced}: no such kernel. Use {string.Join(", ", _names)}, or unset it.");
        }

        var kernel = (Kernel)index;
        if (!IsSupported(kernel))
        {
            string why = kernel <= CpuBest
                ? $"the CPU could, but this binary was published for {Name(Best)}: publish again with -p:EngineCpu={forced}"
                : $"the CPU cannot; the best here is {Name(Best)}";
            throw new KernelUnavailableException($"{Variable}={forced}: {why}, or unset {Variable}.");
        }

        return kernel;
    }

    /// <summary>The kernel that the environment asks for, or the best.</summary>
    /// <exception cref="KernelUnavailableException">As for <see cref="Select"/>.</exception>
    public static Kernel FromEnvironment() => Select(Environment.GetEnvironmentVariable(Variable));

    private static Kernel ReadCpu()
    {
        const string List = "/proc/cpuinfo";
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !File.Exists(List))
        {
            return Best;
        }

        foreach (string line in File.ReadLines(List))
        {
            if (line.StartsWith("flags", StringComparison.Ordinal))
            {
                string[] flags = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                bool avx2 = flags.Contains("avx2") && flags.Contains("fma");
                bool avx512 = avx2 && new[] { "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl" }.All(flags.Contains);
                return avx512 ? Kernel.Avx512 : avx2 ? Kernel.Avx2 : Kernel.Scalar;
            }
        }

        return Best;
    }
}
