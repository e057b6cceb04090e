using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Host.Tests.Support;

/// <summary>What a run of the program left behind.</summary>
public sealed record EngineRun(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>Lines of stdout.</summary>
    public string[] OutputLines => Lines(Output);

    /// <summary>Lines of stderr.</summary>
    public string[] ErrorLines => Lines(Error);

    /// <summary>Lines of stderr by which the program reports a fault: not its notes, its reports of configuration and threads or its count of rows.</summary>
    public string[] Faults => [.. ErrorLines.Where(l => l.StartsWith("engine: ", StringComparison.Ordinal)
        && !l.StartsWith("engine: note: ", StringComparison.Ordinal)
        && !l.StartsWith("engine: threads: ", StringComparison.Ordinal)
        && !l.StartsWith("engine: configuration ", StringComparison.Ordinal)
        && !l.Contains(" rows of contract ", StringComparison.Ordinal))];

    /// <summary>For messages of assertions.</summary>
    public override string ToString() => $"engine {CommandLine}\nexit {ExitCode}\nstdout: {Head(Output)}\nstderr: {Head(Error)}";

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Head(string text) => text.Length > 2_000 ? text[..2_000] + "…" : text;
}

/// <summary>A running child process whose output is collected; killed when it takes too long or is disposed.</summary>
public sealed class EngineProcess : IDisposable
{
    private const int Sighup = 1, Sigint = 2, Sigusr1 = 10;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly string _commandLine;
    private readonly Task<string> _error;
    private readonly StringBuilder _errorSoFar = new();
    private Task<string>? _output;

    internal EngineProcess(ProcessStartInfo start, string commandLine, string? inputFile)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = new UTF8Encoding(false);
        _commandLine = commandLine;
        _process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        _error = CollectError();
        Feed(inputFile);
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Reads one line of stdout and then closes it, as `head -1` does.</summary>
    public string? ReadLineAndClose()
    {
        string? line = _process.StandardOutput.ReadLine();
        _process.StandardOutput.Close();
        _output = Task.FromResult(line ?? "");
        return line;
    }

    /// <summary>What it has written to stderr until now.</summary>
    public string ErrorSoFar
    {
        get
        {
            lock (_errorSoFar)
            {
                return _errorSoFar.ToString();
            }
        }
    }

    /// <summary>Its number on this host.</summary>
    public int Id => _process.Id;

    /// <summary>Sends SIGUSR1.</summary>
    public void Ask() => Assert.That(Kill(_process.Id, Sigusr1), Is.Zero, "kill -USR1");

    /// <summary>kill -HUP, which has a live run read its models again.</summary>
    public void HangUp() => Assert.That(Kill(_process.Id, Sighup), Is.Zero, "kill -HUP");

    /// <summary>Presses Ctrl-C.</summary>
    public void Interrupt() => Assert.That(Kill(_process.Id, Sigint), Is.Zero, "kill -INT");

    /// <summary>kill -USR1, which asks a live run for its counters.</summary>
    public void AskForCounters() => Assert.That(Kill(_process.Id, Sigusr1), Is.Zero, "kill -USR1");

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits until a condition holds while the process runs.</summary>
    public void WaitUntil(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process.HasExited || watch.Elapsed > s_longest)
            {
                Assert.Fail($"{what} did not happen: {Wait()}");
            }

            Thread.Sleep(5);
        }
    }

    /// <summary>Waits for the end; a process that takes too long is killed and the test fails.</summary>
    public EngineRun Wait()
    {
        _output ??= _process.StandardOutput.ReadToEndAsync();
        bool ended = Task.WaitAll([_output, _error], s_longest) && _process.WaitForExit(s_longest);
        if (!ended)
        {
            _process.Kill();
            Assert.Fail($"engine {_commandLine}: still running after {s_longest.TotalSeconds} s");
        }

        _process.WaitForExit();
        return new EngineRun(_commandLine, _process.ExitCode, _output.Result, _error.Result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private async Task<string> CollectError()
    {
        char[] some = new char[4_096];
        for (int count; (count = await _process.StandardError.ReadAsync(some).ConfigureAwait(false)) > 0;)
        {
            lock (_errorSoFar)
            {
                _errorSoFar.Append(some, 0, count);
            }
        }

        return ErrorSoFar;
    }

    private void Feed(string? inputFile)
    {
        if (inputFile is not null)
        {
            _output = _process.StandardOutput.ReadToEndAsync();
            try
            {
                using FileStream file = File.OpenRead(inputFile);
                file.CopyTo(_process.StandardInput.BaseStream);
            }
            catch (IOException)
            {
                // It ended without reading everything; its exit code and stderr say why.
            }
        }

        _process.StandardInput.Close();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
