using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Engine.Latency.Training.Devices;

/// <summary>bench/torch_train.py in a process of its own: PyTorch on the same device, asked for one measurement at a time. Optional.</summary>
internal sealed class TorchPeer : IDisposable
{
    /// <summary>The script's name; it lies beside the binary.</summary>
    public const string Script = "torch_train.py";

    private readonly Process? _process;

    private TorchPeer(Process? process, string words) => (_process, Words) = (process, words);

    /// <summary>What answers, or why nothing does.</summary>
    public string Words { get; }

    /// <summary>Whether it answers.</summary>
    public bool IsThere => _process is not null;

    /// <summary>Starts it.</summary>
    /// <param name="python">The Python that may have PyTorch; `none` for none.</param>
    /// <param name="device">PyTorch's name of the device.</param>
    public static TorchPeer Start(string python, string device)
    {
        string script = Path.Combine(AppContext.BaseDirectory, Script);
        if (python == "none" || !File.Exists(python) || !File.Exists(script))
        {
            return new TorchPeer(null, python == "none" ? "none was asked for" : $"{(File.Exists(python) ? script : python)} is not there");
        }

        var start = new ProcessStartInfo(python) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(script);
        start.ArgumentList.Add(device);
        Process? process = Process.Start(start);
        string words = process?.StandardOutput.ReadLine() ?? "none: it ended without a word";
        if (!words.StartsWith("none", StringComparison.Ordinal))
        {
            return new TorchPeer(process, words);
        }

        process?.Dispose();
        return new TorchPeer(null, words["none: ".Length..]);
    }

    /// <summary>Asks for a measurement; null where it is not there or cannot, which is told on standard error.</summary>
    /// <param name="words">As the script says.</param>
    public IReadOnlyDictionary<string, double>? Ask(params string[] words)
    {
        if (_process is null)
        {
            return null;
        }

        string question = string.Join(' ', words);
        _process.StandardInput.WriteLine(question);
        string? answer = _process.StandardOutput.ReadLine();
        if (answer is null)
        {
            Console.Error.WriteLine($"train: PyTorch, {question}: it ended");
            return null;
        }

        using JsonDocument json = JsonDocument.Parse(answer);
        if (json.RootElement.TryGetProperty("error", out JsonElement error))
        {
            Console.Error.WriteLine($"train: PyTorch, {question}: {error.GetString()}");
            return null;
        }

        return json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
    }

    /// <summary>A number as the script reads it.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            _process.WaitForExit(5_000);
            _process.Dispose();
        }
    }
}
