using System.Diagnostics;
using Engine.Training.Backends;
using Engine.Training.Networks;

namespace Engine.Latency.Training.Devices;

/// <summary>Training until a validation loss is reached.</summary>
/// <param name="backend">What trains.</param>
/// <param name="spec">The network.</param>
/// <param name="options">What a step does.</param>
/// <param name="data">What is learned.</param>
/// <param name="target">The validation loss.</param>
/// <param name="limit">Most steps.</param>
/// <param name="every">Steps between two looks at it.</param>
internal sealed class LossRun(ITrainingBackend backend, NetworkSpec spec, StepOptions options, DeviceData data, double target, int limit, int every)
{
    /// <summary>Trains twice: the first time pays for compilers and memory.</summary>
    /// <returns>Seconds, steps, and the loss that was reached.</returns>
    public (double Seconds, int Steps, double Loss) Measure()
    {
        _ = Train(every);
        return Train(limit);
    }

    private (double Seconds, int Steps, double Loss) Train(int most)
    {
        long start = Stopwatch.GetTimestamp();
        using ITrainingGroup group = backend.CreateGroup(spec, [new GroupMember(data.Rows, options)]);
        double loss = double.PositiveInfinity;
        int steps = 0;
        while (steps < most && loss > target)
        {
            _ = group.Run([DeviceTrainCommand.Steps(data, options.BatchSize, steps, every)]);
            steps += every;
            loss = group.Evaluate(0, data.Valid);
        }

        return (Stopwatch.GetElapsedTime(start).TotalSeconds, steps, loss);
    }
}
