using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Core.Diagnostics;
using Engine.Core.Hdf5;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Inference;
using Engine.Inference.OnnxRuntime;

namespace Engine.Host.Commands;

/// <summary>`engine doctor`: what this host and build give the engine, and how noisy the machine is.</summary>
internal sealed class DoctorCommand
{
    private readonly Option<double> _seconds = new("--seconds") { Description = "How long to listen to each CPU.", DefaultValueFactory = _ => 0.5 };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("doctor", "Report host tuning, kernels, libraries and a jitter table.");
        command.Add(_seconds);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        double seconds = parse.GetValue(_seconds);
        if (seconds is not (> 0 and <= 60))
        {
            throw new HostException(ExitCodes.Usage, $"--seconds {seconds.ToString(CultureInfo.InvariantCulture)}: more than 0, at most 60");
        }

        TextWriter text = Console.Out;
        text.WriteLine(BuildInfo.VersionText());
        Host(text);
        Kernels(text);
        Libraries(text);
        Jitter(text, seconds);
        return ExitCodes.Ok;
    }

    private static void Host(TextWriter text)
    {
        int[] cpus = CpuPlacement.Available();
        Line(text, "host", $"{CpuModel()}, {RuntimeInformation.OSDescription}");
        Line(text, "cpus", $"{cpus.Length} allowed ({string.Join(",", cpus)}), isolated: {ReadOr("/sys/devices/system/cpu/isolated", "none")}, governor: {ReadOr("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "not shown")}");
        Line(text, "memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB, huge pages: {HostMemory.HugePages()}");
        Line(text, "clock", $"{ReadOr("/sys/devices/system/clocksource/clocksource0/current_clocksource", "not shown")}");
        TimerProperties timer = MonotonicTimer.Measure();
        Line(text, "timer", string.Create(CultureInfo.InvariantCulture, $"{timer.CostNanos:F1} ns a reading, resolution {timer.ResolutionNanos} ns"));
        HotThread probe = HotThread.Start(new ThreadWish { Role = "probe", Cpu = cpus[^1], FifoPriority = 1 }, () => { });
        probe.Join(Timeout.InfiniteTimeSpan);
        Line(text, "threads", probe.Placement.ToString());
        bool locked = HostMemory.LockAll(out string? refusal);
        Line(text, "memory lock", locked ? "allowed" : $"refused ({refusal})");
        HostMemory.UnlockAll();
        if (cpus.Length < 3)
        {
            Line(text, "advice", "under 3 CPUs use --topology fused: only one thread may spin");
        }
    }

    private static void Kernels(TextWriter text)
    {
        Line(text, "kernels", $"{string.Join(", ", KernelChoice.Supported.Select(KernelChoice.Name))} in this build; the CPU's best is {KernelChoice.Name(KernelChoice.CpuBest)}");
        if (BuildInfo.Unused is { } unused)
        {
            Line(text, "advice", unused);
        }
    }

    private static void Libraries(TextWriter text)
    {
        try
        {
            string version = OrtLibrary.Version;
            Line(text, "onnxruntime", $"{version} at {OrtLibrary.Find()}");
        }
        catch (OrtUnavailableException e)
        {
            Line(text, "onnxruntime", $"not found: {e.Message}");
        }

        try
        {
            string version = Hdf5Library.Version;
            Line(text, "hdf5", $"{version} at {Hdf5Library.Location}");
        }
        catch (Hdf5UnavailableException e)
        {
            Line(text, "hdf5", $"not found: {e.Message}");
        }
    }

    private static void Jitter(TextWriter text, double seconds)
    {
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  jitter over {seconds} s, gaps between timer readings, ns"));
        text.WriteLine("    cpu        p50       p99     p99.9    p99.99         max    > 1 us");
        foreach (int cpu in CpuPlacement.Available())
        {
            var gaps = new LatencyHistogram();
            HotThread thread = HotThread.Start(new ThreadWish { Role = "jitter", Cpu = cpu }, () => HiccupMeter.Run(gaps, (long)(seconds * 1e9)));
            thread.Join(Timeout.InfiniteTimeSpan);
            text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"    {cpu,3} {gaps.ValueAtPercentile(50),10:N0} {gaps.ValueAtPercentile(99),9:N0} {gaps.ValueAtPercentile(99.9),9:N0} {gaps.ValueAtPercentile(99.99),9:N0} {gaps.Max,11:N0} {gaps.CountAbove(1_000),9:N0}"));
        }
    }

    private static string CpuModel()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string ReadOr(string path, string otherwise)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return text.Length > 0 ? text : otherwise;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return otherwise;
        }
    }

    private static void Line(TextWriter text, string name, string value) => text.WriteLine($"  {name,-14} {value}");
}
