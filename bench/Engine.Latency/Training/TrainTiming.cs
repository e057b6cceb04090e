using Engine.Core.Numerics;
using Engine.Core.Time;
using Engine.Training.Backends;
using Engine.Training.Networks;

namespace Engine.Latency.Training;

/// <summary>One network in training on one backend, round by round.</summary>
internal sealed class TrainTiming : IDisposable
{
    private const double LearningRate = 1e-3;

    private readonly ITrainingBackend _backend;
    private readonly TrainingSession _session;
    private readonly int _batch;
    private readonly int[] _rows;
    private int _next;

    /// <param name="name">For the table.</param>
    /// <param name="threads">What it trains on.</param>
    /// <param name="backend">What trains; owned.</param>
    /// <param name="network">The network.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="options">What a step does.</param>
    public TrainTiming(string name, int threads, ITrainingBackend backend, NetworkSpec network, TrainingRows rows, StepOptions options)
    {
        Name = name;
        Threads = threads;
        _backend = backend;
        _batch = options.BatchSize;
        _session = TrainingSession.Create(backend, network, rows, options);
        _rows = rows.WithWindow([.. Enumerable.Range(0, rows.Rows)], network.Window);
        var random = new SeededRandom(3);
        for (int i = _rows.Length - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (_rows[i], _rows[j]) = (_rows[j], _rows[i]);
        }
    }

    /// <summary>For the table.</summary>
    public string Name { get; }

    /// <summary>What it trains on.</summary>
    public int Threads { get; }

    /// <summary>Samples a second, by round.</summary>
    public List<double> Rates { get; } = [];

    /// <summary>Steps done.</summary>
    public int Steps { get; private set; }

    /// <summary>Loss of the last step.</summary>
    public double Loss { get; private set; }

    /// <summary>The median.</summary>
    public static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Trains for a while.</summary>
    public void Round(int milliseconds, bool isWarmUp)
    {
        long start = MonotonicTimer.NowNanos, now = start;
        long samples = 0;
        while (now - start < milliseconds * 1_000_000L)
        {
            _next = _next + _batch > _rows.Length ? 0 : _next;
            Loss = _session.Step(_rows.AsSpan(_next, _batch), LearningRate).Loss;
            _next += _batch;
            samples += _batch;
            Steps++;
            now = MonotonicTimer.NowNanos;
        }

        if (!isWarmUp)
        {
            Rates.Add(samples * 1e9 / (now - start));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _backend.Dispose();
    }
}
