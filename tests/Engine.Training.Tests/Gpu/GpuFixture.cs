using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Networks;
using Engine.Training.Tests.Backends;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Gpu;

/// <summary>A device of an API for all tests of a class, which are skipped where there is none; programs are compiled once.</summary>
[Category("Gpu")]
internal abstract class GpuFixture(DeviceApi api)
{
    private readonly Dictionary<GpuOptions, GpuBackend> _backends = [];
    private ComputeDevice? _device;

    [OneTimeSetUp]
    public void Open() => _device = GpuDevices.Open(api);

    [OneTimeTearDown]
    public void Close()
    {
        foreach (GpuBackend backend in _backends.Values)
        {
            backend.Dispose();
        }

        _device?.Dispose();
    }

    protected ComputeDevice Device => _device!;

    protected GpuBackend Backend(GpuOptions? options = null)
    {
        options ??= new GpuOptions();
        if (!_backends.TryGetValue(options, out GpuBackend? backend))
        {
            backend = new GpuBackend(_device!, options);
            _backends.Add(options, backend);
        }

        return backend;
    }

    /// <summary>A group of one, in the state of a twin.</summary>
    protected GpuGroup Group(NetworkSpec spec, StepOptions options, NaiveTwin twin, GpuOptions? use = null)
    {
        GpuGroup group = Backend(use).Group(spec, [new GroupMember(twin.Rows, options)]);
        group.Restore(0, twin.State);
        return group;
    }

    /// <summary>Steps of one member, each with its rows.</summary>
    protected static MemberSteps Steps(int member, double rate, params int[][] batches)
    {
        int end = 0;
        return new MemberSteps(
            member, batches.SelectMany(b => b).ToArray(), batches.Select(b => end += b.Length).ToArray(), batches.Select((_, i) => rate / (i + 1)).ToArray());
    }
}
