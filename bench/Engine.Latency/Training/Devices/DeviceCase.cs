using System.Diagnostics;
using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Networks;

namespace Engine.Latency.Training.Devices;

/// <summary>Models of one network in training side by side on a device.</summary>
internal sealed class DeviceCase : IDisposable
{
    private const double Rate = 1e-3;

    private readonly TimedDevice _device;
    private readonly ITrainingGroup _group;
    private readonly MemberSteps[] _steps;
    private readonly int _samples;

    /// <param name="device">The device.</param>
    /// <param name="backend">What trains on it.</param>
    /// <param name="spec">The network.</param>
    /// <param name="rows">What all models learn from.</param>
    /// <param name="options">What a step does.</param>
    /// <param name="models">How many.</param>
    public DeviceCase(TimedDevice device, GpuBackend backend, NetworkSpec spec, TrainingRows rows, StepOptions options, int models)
    {
        _device = device;
        _group = backend.CreateGroup(spec, [.. Enumerable.Range(0, models).Select(m => new GroupMember(rows, options with { Seed = (ulong)m + 1 }))]);
        int steps = _group.BurstSteps, batch = options.BatchSize;
        int[] usable = rows.WithWindow([.. Enumerable.Range(0, rows.Rows)], spec.Window);
        new Random(3).Shuffle(usable);
        int[] list = [.. Enumerable.Range(0, steps * batch).Select(i => usable[i % usable.Length])];
        int[] ends = [.. Enumerable.Range(1, steps).Select(s => s * batch)];
        double[] rates = [.. Enumerable.Repeat(Rate, steps)];
        _steps = [.. Enumerable.Range(0, models).Select(m => new MemberSteps(m, list, ends, rates))];
        _samples = steps * batch * models;
        Burst();
    }

    /// <summary>Samples a second, by the host's clock, by round.</summary>
    public List<double> SamplesPerSecond { get; } = [];

    /// <summary>Milliseconds of a step of all models, by the device's marks, by round.</summary>
    public List<double> StepMilliseconds { get; } = [];

    /// <summary>Trains for a while.</summary>
    public void Round(double seconds)
    {
        _device.Milliseconds = 0;
        long start = Stopwatch.GetTimestamp();
        int bursts = 0;
        while (bursts == 0 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            Burst();
            bursts++;
        }

        SamplesPerSecond.Add((double)bursts * _samples / Stopwatch.GetElapsedTime(start).TotalSeconds);
        StepMilliseconds.Add(_device.Milliseconds / ((double)bursts * _steps[0].Count));
    }

    /// <inheritdoc/>
    public void Dispose() => _group.Dispose();

    private void Burst()
    {
        StepResult[][] results = _group.Run(_steps);
        if (results.Any(r => r.Length != _steps[0].Count || !r[^1].IsFinite))
        {
            throw new InvalidOperationException("A step was not finite: what was measured was no training.");
        }
    }
}
