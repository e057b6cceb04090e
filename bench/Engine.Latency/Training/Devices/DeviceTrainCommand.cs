using System.Globalization;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;

namespace Engine.Latency.Training.Devices;

/// <summary>
/// `train --backend`: training on a device, by batch and models at once, beside PyTorch on the same device in the same run, rounds interleaved; how far it
/// is from the device's own limits; that its losses are the CPU's; and how long a validation loss takes.
/// </summary>
internal sealed class DeviceTrainCommand : IDisposable
{
    private const int Rows = 65_536;
    private const int SmallRows = 1_500;

    private readonly DeviceTrainOptions _options;
    private readonly TextWriter _output;
    private readonly TimedDevice _device;
    private readonly TorchPeer _torch;
    private readonly DeviceCeilings _ceilings;

    private DeviceTrainCommand(DeviceTrainOptions options, TimedDevice device, TextWriter output)
    {
        (_options, _device, _output) = (options, device, output);
        DeviceInfo info = device.Info;
        Line($"# {MachineName.Describe()}");
        Line($"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, train on {info.Name} ({info.Platform}, {info.Driver} {info.Architecture}, {info.ComputeUnits} units, {info.GlobalBytes >> 20} MiB)");
        _ceilings = DeviceCeilings.Measure(device, options.IsSmall);
        Line($"# reaches {_ceilings.FlopsPerSecond / 1e12:F2} float32 TFLOP/s out of registers and copies {_ceilings.BytesPerSecond / 1e9:N0} GB/s");
        _torch = TorchPeer.Start(options.Python, options.Torch);
        Line($"# {(_torch.IsThere ? "beside " : "without PyTorch: ")}{_torch.Words}");
        if (_torch.Ask("ceilings") is { } reached)
        {
            Line($"# PyTorch's large product reaches {reached["float32"] / 1e12:F2} TFLOP/s, with tf32 {reached["tf32"] / 1e12:F2}; its copy {reached["bytes"] / 1e9:N0} GB/s");
        }
    }

    /// <summary>Measures and prints tables. 0, or 2 when an option makes no sense or there is no device.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        if (DeviceTrainOptions.Parse(args) is not { } options)
        {
            Console.Error.WriteLine($"train: {string.Join(' ', args)}: {DeviceTrainOptions.Usage}");
            return 2;
        }

        DeviceSurvey survey = options.Api == DeviceApi.OpenCl ? DeviceList.OpenCl() : DeviceList.Cuda();
        if (options.Device >= survey.Devices.Count || (survey.Missing.Length > 0 && options.Api == DeviceApi.Cuda))
        {
            string why = survey.Missing.Length > 0 ? survey.Missing : "there is no such device; `lab doctor` lists them";
            Console.Error.WriteLine($"train: device {options.Device} of {survey.Devices.Count}: {why}");
            return 2;
        }

        using var device = new TimedDevice(DeviceList.Open(survey.Devices[options.Device]));
        using var command = new DeviceTrainCommand(options, device, output);
        command.Equality();
        command.Speed();
        command.TimeToLoss();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _torch.Dispose();

    private static IEnumerable<(string Name, NetworkSpec Spec, LossKind Loss)> Networks(bool hasDropout = false) =>
    [
        ("lstm", TrainCommand.Lstm(hasDropout ? 0.2f : 0), LossKind.BinaryCrossEntropy), ("silos", TrainCommand.Silos(hasDropout ? 0.1f : 0), LossKind.MeanSquared),
    ];

    private static StepOptions Options(LossKind loss, int batch) =>
        new() { Loss = new LossSpec { Kind = loss }, Optimiser = new OptimiserSpec { ClipNorm = 1 }, BatchSize = batch };

    // Ours and PyTorch's mode of the same name. Silos have no tf32.
    private IEnumerable<(string Name, bool IsFast)> Modes(NetworkSpec spec) =>
        _device.Info.HasTf32 && spec is LstmSpec ? [("float32", false), ("tf32", true)] : [("float32", false)];

    // The same training by the CPU and by the device, step by step.
    private void Equality()
    {
        int steps = _options.IsSmall ? 4 : 100, batch = _options.IsSmall ? 8 : 64;
        Line($"losses of {steps} steps of {batch} beside the CPU's (with dropout)");
        foreach ((string name, NetworkSpec spec, LossKind loss) in Networks(hasDropout: true))
        {
            using var data = new DeviceData(spec.FeatureCount, spec.Window, SmallRows);
            using var cpu = new CpuBackend();
            StepResult[] expected = Train(cpu);
            foreach ((string mode, bool isFast) in Modes(spec))
            {
                using var backend = new GpuBackend(_device, new GpuOptions { IsFast = isFast });
                StepResult[] got = Train(backend);
                double most = expected.Zip(got).Max(p => Math.Abs(p.First.Loss - p.Second.Loss) / p.First.Loss);
                Line($"  {name,-6} {mode,-8} largest difference {most:E1} of the loss; the last is {got[^1].Loss:F6}, the CPU's {expected[^1].Loss:F6}");
            }

            StepResult[] Train(ITrainingBackend backend)
            {
                using ITrainingGroup group = backend.CreateGroup(spec, [new GroupMember(data.Rows, Options(loss, batch))]);
                return group.Run([Steps(data, batch, 0, steps)])[0];
            }
        }
    }

    private void Speed()
    {
        Line($"network mode     batch models   step ms   samples/s   arithmetic  bandwidth   PyTorch's samples/s (compiled), ratio to the better");
        foreach ((string name, NetworkSpec spec, LossKind loss) in Networks())
        {
            NetworkCost cost = NetworkCost.Of(spec);
            using var data = new DeviceData(spec.FeatureCount, spec.Window, _options.IsSmall ? SmallRows : Rows);
            foreach ((string mode, bool isFast) in Modes(spec))
            {
                using var backend = new GpuBackend(_device, new GpuOptions { IsFast = isFast });
                foreach (int batch in _options.Batches)
                {
                    Batch(name, spec, Options(loss, batch), data, (mode, backend), cost);
                }
            }
        }

        Line($"  (PyTorch trains models one after another: its samples/s are one model's. Bandwidth counts what the way back needs of the way there, written and read once)");
    }

    private void Batch(string name, NetworkSpec spec, StepOptions step, DeviceData data, (string Name, GpuBackend Backend) mode, NetworkCost cost)
    {
        List<double> eager = [], compiled = [];
        string seconds = TorchPeer.Number(_options.Seconds), size = TorchPeer.Number(step.BatchSize);
        foreach (int models in _options.Models)
        {
            try
            {
                using var measured = new DeviceCase(_device, mode.Backend, spec, data.Rows, step, models);
                for (int round = 0; round < _options.Rounds; round++)
                {
                    measured.Round(_options.Seconds);
                    if (models == _options.Models[0])
                    {
                        Add(eager, _torch.Ask("rate", name, mode.Name, size, seconds));
                        Add(compiled, _torch.Ask("rate", name, mode.Name + "+compile", size, seconds));
                    }
                }

                double samples = TrainTiming.Median(measured.SamplesPerSecond), peer = Math.Max(Median(eager), Median(compiled));
                double arithmetic = cost.Flops * samples / _ceilings.FlopsPerSecond, bandwidth = cost.Bytes * samples / _ceilings.BytesPerSecond;
                FormattableString beside = _torch.IsThere ? $"{Median(eager):N0} ({Median(compiled):N0}) {samples / peer:F2}" : (FormattableString)$"";
                Line($"  {name,-5} {mode.Name,-8} {step.BatchSize,6} {models,6} {TrainTiming.Median(measured.StepMilliseconds),9:F4} {samples,11:N0} {arithmetic,11:P1} {bandwidth,10:P1}   {beside}");
            }
            catch (DeviceException e)
            {
                Line($"  {name,-5} {mode.Name,-8} {step.BatchSize,6} {models,6} {e.Message}");
            }
        }
    }

    private void TimeToLoss()
    {
        const int Limit = 4_000, Every = 16;
        int batch = _options.IsSmall ? 32 : 1_024, limit = _options.IsSmall ? Every : Limit;
        Line($"seconds to a validation loss, batch {batch}, asked for every {Every} steps");
        foreach ((string name, NetworkSpec spec, LossKind loss) in Networks())
        {
            using var data = new DeviceData(spec.FeatureCount, spec.Window, _options.IsSmall ? SmallRows : Rows);
            double target = loss == LossKind.MeanSquared ? 0.08 : 0.15;
            string folder = Directory.CreateTempSubdirectory("engine-train-").FullName;
            try
            {
                data.Write(folder);
                foreach ((string mode, bool isFast) in Modes(spec))
                {
                    using var backend = new GpuBackend(_device, new GpuOptions { IsFast = isFast });
                    var run = new LossRun(backend, spec, Options(loss, batch), data, target, limit, Every);
                    (double seconds, int steps, double reached) = run.Measure();
                    string peer = _torch.Ask("loss", name, mode, $"{batch}", folder, TorchPeer.Number(target), $"{limit}", $"{Every}") is { } answer
                        ? $"; PyTorch {answer["seconds"]:F3} s, {answer["steps"]:F0} steps, loss {answer["loss"]:F4}" : "";
                    string outcome = reached <= target ? "" : ", not reached";
                    Line($"  {name,-5} {mode,-8} to {target}{outcome}: {seconds:F3} s, {steps} steps, loss {reached:F4}{peer}");
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Steps of one member, its rows in turn.</summary>
    internal static MemberSteps Steps(DeviceData data, int batch, int first, int count)
    {
        int starts = data.Train.Length - batch + 1;
        int[] rows = [.. Enumerable.Range(first, count).SelectMany(s => data.Train.AsSpan((int)((long)s * batch % starts), batch).ToArray())];
        return new MemberSteps(0, rows, Enumerable.Range(1, count).Select(s => s * batch).ToArray(), Enumerable.Repeat(1e-3, count).ToArray());
    }

    private static void Add(List<double> rates, IReadOnlyDictionary<string, double>? answer)
    {
        if (answer is not null)
        {
            rates.Add(answer["samples_per_s"]);
        }
    }

    private static double Median(List<double> rates) => rates.Count == 0 ? 0 : TrainTiming.Median(rates);

    private void Line(FormattableString text) => _output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
