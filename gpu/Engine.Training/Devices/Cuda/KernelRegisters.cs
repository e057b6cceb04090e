using System.Globalization;
using System.Text.RegularExpressions;

namespace Engine.Training.Devices.Cuda;

/// <summary>What NVIDIA's assembler says that a kernel takes.</summary>
/// <param name="Registers">Of each thread.</param>
/// <param name="SpillStoreBytes">Stored to memory since there were too few.</param>
/// <param name="SpillLoadBytes">Loaded again.</param>
/// <param name="StackBytes">Of each thread.</param>
/// <param name="LocalBytes">Shared memory that it declares.</param>
internal sealed partial record KernelRegisters(int Registers, int SpillStoreBytes, int SpillLoadBytes, int StackBytes, int LocalBytes)
{
    /// <summary>The spills in words.</summary>
    public string Spills => string.Create(CultureInfo.InvariantCulture, $"{SpillStoreBytes} bytes spilled, {SpillLoadBytes} loaded again");

    /// <summary>Reads the assembler's report (`ptxas -v`).</summary>
    /// <param name="log">The compiler's words.</param>
    public static IReadOnlyDictionary<string, KernelRegisters> Read(string log)
    {
        var kernels = new Dictionary<string, KernelRegisters>();
        string kernel = "", function = "";
        foreach (string line in log.Split('\n'))
        {
            if (Entry().Match(line) is { Success: true } entry)
            {
                kernels[kernel = entry.Groups[1].Value] = new KernelRegisters(0, 0, 0, 0, 0);
            }
            else if (Properties().Match(line) is { Success: true } properties)
            {
                function = properties.Groups[1].Value;
            }
            else if (Frame().Match(line) is { Success: true } frame && function == kernel && kernels.TryGetValue(kernel, out KernelRegisters? framed))
            {
                kernels[kernel] = framed with { StackBytes = Number(frame, 1), SpillStoreBytes = Number(frame, 2), SpillLoadBytes = Number(frame, 3) };
            }
            else if (Used().Match(line) is { Success: true } used && kernels.TryGetValue(kernel, out KernelRegisters? counted))
            {
                Match shared = Shared().Match(line);
                kernels[kernel] = counted with { Registers = Number(used, 1), LocalBytes = shared.Success ? Number(shared, 1) : 0 };
            }
        }

        return kernels;
    }

    /// <summary>The compiler's words without that report.</summary>
    public static string Without(string log) =>
        string.Join('\n', log.Split('\n').Where(line => !line.StartsWith("ptxas", StringComparison.Ordinal) && !Frame().IsMatch(line))).Trim();

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Compiling entry function '([^']+)'")]
    private static partial Regex Entry();

    [GeneratedRegex(@"Function properties for (\S+)")]
    private static partial Regex Properties();

    [GeneratedRegex(@"(\d{1,9}) bytes stack frame, (\d{1,9}) bytes spill stores, (\d{1,9}) bytes spill loads")]
    private static partial Regex Frame();

    [GeneratedRegex(@"(\d{1,9}) bytes smem")]
    private static partial Regex Shared();

    [GeneratedRegex(@"Used (\d{1,9}) registers")]
    private static partial Regex Used();
}
