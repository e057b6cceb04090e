using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Engine.Fuzz.Running;

/// <summary>
/// Runs a worker in a process of its own, so that a read outside an input, which ends that process, and a case without an end
/// are findings with a number as well.
/// </summary>
/// <param name="options">What to run.</param>
internal sealed class FuzzSupervisor(FuzzOptions options)
{
    private const int PollMillis = 100;

    /// <summary>Runs the worker to its end.</summary>
    /// <returns>0; 1 after a finding.</returns>
    public int Run()
    {
        string path = Path.Combine(Path.GetTempPath(), $"engine-fuzz-{Environment.ProcessId}.position");
        using FuzzPosition position = new(path);
        try
        {
            using Process worker = Start(path);
            return Watch(worker, position);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private int Watch(Process worker, FuzzPosition position)
    {
        Stopwatch still = Stopwatch.StartNew();
        long last = -1;
        while (!worker.WaitForExit(PollMillis))
        {
            long at = position.Case;
            if (at != last)
            {
                last = at;
                still.Restart();
            }
            else if (still.Elapsed.TotalSeconds > options.StallSeconds)
            {
                worker.Kill(entireProcessTree: true);
                worker.WaitForExit();
                FuzzWorker.Report(position.Target, at, $"no end within {options.StallSeconds} s", options);
                return 1;
            }
        }

        if (worker.ExitCode != 0 && worker.ExitCode != 1)
        {
            FuzzWorker.Report(position.Target, position.Case, $"the process ended with {worker.ExitCode}: a read outside the input", options);
        }

        return worker.ExitCode == 0 && position.IsFinished ? 0 : 1;
    }

    private Process Start(string path)
    {
        string self = Environment.ProcessPath!;
        ProcessStartInfo start = new(self);
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        string[] numbers = [Text(options.Cases), Text((long)options.Seed)];
        foreach (string argument in (string[])["--target", options.Target, "--cases", numbers[0], "--seed", numbers[1], "--position", path])
        {
            start.ArgumentList.Add(argument);
        }

        if (options.Case >= 0)
        {
            start.ArgumentList.Add("--case");
            start.ArgumentList.Add(Text(options.Case));
        }

        // A crash of the worker is expected of it; no dump is wanted.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("no worker was started");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
