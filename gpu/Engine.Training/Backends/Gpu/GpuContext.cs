using System.Globalization;
using System.Reflection;
using Engine.Training.Devices;

namespace Engine.Training.Backends.Gpu;

/// <summary>A device, and the programs that were compiled for it.</summary>
internal sealed class GpuContext : IDisposable
{
    /// <summary>Most work items of a group that is asked for; a power of two.</summary>
    public const int MaxGroupItems = 256;

    private readonly Dictionary<string, DeviceProgram> _programs = [];

    /// <param name="device">The device.</param>
    /// <param name="options">How it is used.</param>
    /// <exception cref="DeviceException">Its groups are too small.</exception>
    public GpuContext(ComputeDevice device, GpuOptions options)
    {
        if (options.GroupSize is < 1 or > ITrainingBackend.MaxGroup)
        {
            throw new ArgumentException($"Groups of {options.GroupSize} networks; 1 to {ITrainingBackend.MaxGroup} are allowed.", nameof(options));
        }

        (Device, Options) = (device, options);
        while (GroupItems > device.Info.MaxGroupSize)
        {
            GroupItems /= 2;
        }

        if (GroupItems < 2 * GpuGroup.ChunkParameters)
        {
            throw new DeviceException($"{device.Info.Name} has groups of {device.Info.MaxGroupSize} work items; training needs {2 * GpuGroup.ChunkParameters}.");
        }
    }

    /// <summary>The device.</summary>
    public ComputeDevice Device { get; }

    /// <summary>How it is used.</summary>
    public GpuOptions Options { get; }

    /// <summary>Work items of a group: a power of two.</summary>
    public int GroupItems { get; } = MaxGroupItems;

    /// <summary>What the group that was begun last owns; it is the group's once that is made.</summary>
    public List<IDisposable> Unfinished { get; private set; } = [];

    /// <summary>A program of kernel files of this folder, compiled once.</summary>
    /// <param name="files">File names, in order, e.g. `update.cl`.</param>
    /// <param name="constants">Preprocessor constants.</param>
    /// <exception cref="DeviceException">The compiler's errors.</exception>
    public DeviceProgram Program(IReadOnlyList<string> files, params IReadOnlyList<(string Name, int Value)> constants)
    {
        (string Name, string Value)[] texts = [.. constants.Select(c => (c.Name, c.Value.ToString(CultureInfo.InvariantCulture)))];
        string key = string.Join(' ', files.Concat(texts.Select(t => $"{t.Name}={t.Value}")));
        if (!_programs.TryGetValue(key, out DeviceProgram? program))
        {
            program = Device.Compile(new KernelSource(key, [.. files.Select(f => (f, Text(f)))], texts));
            _programs.Add(key, program);
        }

        return program;
    }

    /// <summary>A group is about to be made.</summary>
    public void BeginGroup() => Unfinished = [];

    /// <summary>What the group that was begun last owns from here on.</summary>
    public T Own<T>(T owned)
        where T : IDisposable
    {
        Unfinished.Add(owned);
        return owned;
    }

    /// <summary>The group that was begun last, or a part of it, did not come about: frees what it owns.</summary>
    /// <param name="keep">How much of it stays.</param>
    public void Abandon(int keep) => Free(Unfinished, keep);

    /// <summary>Frees what somebody owns, last first, when its queues have done what they were asked for: copies may be under way.</summary>
    /// <param name="owned">What, queues among it; those that are freed are taken out.</param>
    /// <param name="keep">How much of it stays.</param>
    public static void Free(List<IDisposable> owned, int keep)
    {
        foreach (DeviceQueue queue in owned.OfType<DeviceQueue>())
        {
            try
            {
                queue.Finish();
            }
            catch (DeviceException)
            {
                // It does nothing any more; what has failed was said by whoever waited for it.
            }
        }

        for (int i = owned.Count - 1; i >= keep; i--)
        {
            owned[i].Dispose();
            owned.RemoveAt(i);
        }
    }

    /// <summary>The text of a kernel file.</summary>
    public static string Text(string file)
    {
        Assembly assembly = typeof(GpuContext).Assembly;
        using Stream stream = assembly.GetManifestResourceStream($"Engine.Training.Backends.Gpu.Kernels.{file}")
            ?? throw new ArgumentException($"There is no kernel file '{file}'.", nameof(file));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Frees the programs, not the device.</summary>
    public void Dispose()
    {
        foreach (DeviceProgram program in _programs.Values)
        {
            program.Dispose();
        }

        _programs.Clear();
    }
}
