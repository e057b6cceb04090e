using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Gpu;

/// <summary>LSTMs of odd sizes on an OpenCL device, which all tests of a fixture share: programs are compiled once.</summary>
internal sealed class GpuLstmCase : IDisposable
{
    /// <summary>Of every test, so that few programs are compiled.</summary>
    public const int BatchSize = 50;

    public static readonly LossSpec[] Losses =
    [
        new(), new() { Kind = LossKind.Huber, Delta = 0.7f }, new() { Kind = LossKind.BinaryCrossEntropy, PositiveWeight = 2.5f, NegativeWeight = 0.75f },
    ];

    private readonly ComputeDevice _device = GpuDevices.Open(DeviceApi.OpenCl);
    private readonly Dictionary<GpuOptions, GpuBackend> _backends = [];

    /// <summary>The backend of some options.</summary>
    public GpuBackend Backend(GpuOptions? options = null)
    {
        options ??= new GpuOptions();
        if (!_backends.TryGetValue(options, out GpuBackend? backend))
        {
            backend = new GpuBackend(_device, options);
            _backends.Add(options, backend);
        }

        return backend;
    }

    /// <summary>Five units over seven ticks of three inputs, or as said.</summary>
    public static LstmSpec Network(bool hasNorm, float dropout = 0.25f, int units = 5, int inputs = 3, int steps = 7) => new()
    {
        FeatureCount = inputs + 1,
        Features = [.. Enumerable.Range(0, inputs).Select(i => (2 * i + 1) % (inputs + 1))],
        Steps = steps,
        Units = units,
        HasBatchNorm = hasNorm,
        Dropout = dropout,
        Head = [new DenseSpec(6, Activation.Relu, dropout), new DenseSpec(1)],
    };

    public static StepOptions Options(ulong seed, LossSpec? loss = null) => new() { Loss = loss ?? new(), BatchSize = BatchSize, Seed = seed };

    public void Dispose()
    {
        foreach (GpuBackend backend in _backends.Values)
        {
            backend.Dispose();
        }

        _device.Dispose();
    }
}
