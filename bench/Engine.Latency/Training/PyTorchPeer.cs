using System.Diagnostics;
using System.Globalization;

namespace Engine.Latency.Training;

/// <summary>The same training steps in PyTorch, in a process of its own that is asked for one round at a time. Optional.</summary>
internal sealed class PyTorchPeer : IDisposable
{
    // Twelve silos as one batched product, the fastest of the ways that PyTorch has for them.
    private const string Script = """
        import sys, time
        try:
            import torch
        except ImportError:
            print("none", flush=True)
            sys.exit(0)
        from torch import nn
        threads, seconds = int(sys.argv[1]), float(sys.argv[2])
        torch.set_num_threads(threads)
        torch.manual_seed(1)

        class Lstm(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm = nn.LSTM(10, 64, batch_first=True)
                self.norm = nn.BatchNorm1d(64)
                self.hidden = nn.Linear(64, 32)
                self.out = nn.Linear(32, 1)
            def forward(self, x):
                return self.out(torch.relu(self.hidden(self.norm(self.lstm(x)[0][:, -1]))))

        class Silos(nn.Module):
            def __init__(self):
                super().__init__()
                sizes = [(10, 10), (10, 10), (10, 2)]
                self.w = nn.ParameterList([nn.Parameter(torch.randn(12, a, b) * (2 / a) ** 0.5) for a, b in sizes])
                self.b = nn.ParameterList([nn.Parameter(torch.zeros(12, 1, b)) for a, b in sizes])
                self.hidden = nn.Linear(24, 10)
                self.out = nn.Linear(10, 1)
            def forward(self, x):
                h = x.view(-1, 12, 10).transpose(0, 1)
                h = torch.relu(torch.baddbmm(self.b[0], h, self.w[0]))
                h = torch.relu(torch.baddbmm(self.b[1], h, self.w[1]))
                h = torch.baddbmm(self.b[2], h, self.w[2])
                return self.out(torch.relu(self.hidden(h.transpose(0, 1).reshape(-1, 24))))

        def case(model, loss, shape, batch):
            adam = torch.optim.Adam(model.parameters())
            x = torch.randn(16, batch, *shape)
            y = (torch.rand(16, batch, 1) > 0.5).float()
            def run():
                start, steps = time.perf_counter(), 0
                while time.perf_counter() - start < seconds:
                    adam.zero_grad()
                    loss(model(x[steps % 16]), y[steps % 16]).backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    adam.step()
                    steps += 1
                return steps * batch / (time.perf_counter() - start)
            return run

        cases = {"lstm": case(Lstm(), nn.BCEWithLogitsLoss(), (50, 10), 256), "silos": case(Silos(), nn.MSELoss(), (120,), 1024)}
        print("PyTorch " + torch.__version__, flush=True)
        for line in sys.stdin:
            print(cases[line.strip()](), flush=True)
        """;

    private readonly Process _process;

    private PyTorchPeer(Process process, int threads, string version)
    {
        _process = process;
        Threads = threads;
        Version = version;
    }

    /// <summary>Its threads.</summary>
    public int Threads { get; }

    /// <summary>What answers.</summary>
    public string Version { get; }

    /// <summary>Samples a second, by case and round.</summary>
    public Dictionary<string, List<double>> Rates { get; } = new(StringComparer.Ordinal) { ["lstm"] = [], ["silos"] = [] };

    /// <summary>Starts it, or gives null where there is no Python or no PyTorch.</summary>
    public static PyTorchPeer? TryStart(string python, int threads, int milliseconds)
    {
        if (python == "none" || !File.Exists(python))
        {
            return null;
        }

        var start = new ProcessStartInfo(python) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        start.ArgumentList.Add(threads.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add((milliseconds / 1e3).ToString(CultureInfo.InvariantCulture));
        Process? process = Process.Start(start);
        string? version = process?.StandardOutput.ReadLine();
        if (process is null || version is null or "none")
        {
            process?.Dispose();
            return null;
        }

        return new PyTorchPeer(process, threads, version);
    }

    /// <summary>One round of every case.</summary>
    /// <param name="only">Cases are those of the table that begin so.</param>
    /// <param name="isWarmUp">Not counted.</param>
    public void Round(string only, bool isWarmUp)
    {
        foreach ((string name, List<double> rates) in Rates.Where(r => only.StartsWith(r.Key, StringComparison.Ordinal) || r.Key.StartsWith(only, StringComparison.Ordinal)))
        {
            _process.StandardInput.WriteLine(name);
            double rate = double.Parse(_process.StandardOutput.ReadLine() ?? "nan", CultureInfo.InvariantCulture);
            if (!isWarmUp)
            {
                rates.Add(rate);
            }
        }
    }

    /// <summary>The median of a case.</summary>
    public double Median(string name) => Rates[name].Count == 0 ? double.NaN : TrainTiming.Median(Rates[name]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5_000);
        _process.Dispose();
    }
}
