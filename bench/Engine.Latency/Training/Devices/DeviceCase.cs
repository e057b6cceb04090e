using System.Diagnostics;
using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Networks;

namespace Engine.Latency.Training.Devices;

/// <summary>Models of one network in training side by side on a device.</summary>
internal sealed class DeviceCase : IDisposable
{
    private const double Rate = 1e-3;

    // A group grows its bursts until they take long enough.
    private const int MaxWarmUp = 12;

    private readonly TimedDevice _device;
    private readonly ITrainingGroup _group;
    private readonly int[] _usable;
    private readonly int _batch;
    private readonly int _models;
    private MemberSteps[] _steps = [];

    /// <param name="device">The device.</param>
    /// <param name="backend">What trains on it.</param>
    /// <param name="spec">The network.</param>
    /// <param name="rows">What all models learn from.</param>
    /// <param name="options">What a step does.</param>
    /// <param name="models">How many.</param>
    public DeviceCase(TimedDevice device, GpuBackend backend, NetworkSpec spec, TrainingRows rows, StepOptions options, int models)
    {
        (_device, _batch, _models) = (device, options.BatchSize, models);
        _group = backend.CreateGroup(spec, [.. Enumerable.Range(0, models).Select(m => new GroupMember(rows, options with { Seed = (ulong)m + 1 }))]);
        _usable = rows.WithWindow([.. Enumerable.Range(0, rows.Rows)], spec.Window);
        new Random(3).Shuffle(_usable);
        try
        {
            for (int i = 0; i < MaxWarmUp && (_steps.Length == 0 || _steps[0].Count != _group.BurstSteps); i++)
            {
                _ = Burst();
            }
        }
        catch
        {
            _group.Dispose();
            throw;
        }
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
        long steps = 0;
        while (steps == 0 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            steps += Burst();
        }

        SamplesPerSecond.Add((double)steps * _batch * _models / Stopwatch.GetElapsedTime(start).TotalSeconds);
        StepMilliseconds.Add(_device.Milliseconds / steps);
    }

    /// <inheritdoc/>
    public void Dispose() => _group.Dispose();

    private int Burst()
    {
        if (_steps.Length == 0 || _steps[0].Count != _group.BurstSteps)
        {
            int count = _group.BurstSteps;
            int[] list = [.. Enumerable.Range(0, count * _batch).Select(i => _usable[i % _usable.Length])];
            int[] ends = [.. Enumerable.Range(1, count).Select(s => s * _batch)];
            double[] rates = [.. Enumerable.Repeat(Rate, count)];
            _steps = [.. Enumerable.Range(0, _models).Select(m => new MemberSteps(m, list, ends, rates))];
        }

        int steps = _steps[0].Count;
        return Array.TrueForAll(_group.Run(_steps), r => r.Length == steps && r[^1].IsFinite)
            ? steps
            : throw new DeviceException("a step was not finite: what was measured was no training");
    }
}
