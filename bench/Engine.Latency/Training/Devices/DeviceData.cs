using System.Runtime.InteropServices;
using Engine.Core.Numerics;
using Engine.Training.Backends;

namespace Engine.Latency.Training.Devices;

/// <summary>Rows to learn from, and the same in files for another process.</summary>
internal sealed class DeviceData : IDisposable
{
    private readonly float[] _features;
    private readonly float[] _labels;

    /// <param name="columns">Features of a row.</param>
    /// <param name="window">Rows of a sample.</param>
    /// <param name="count">Rows.</param>
    public DeviceData(int columns, int window, int count)
    {
        var random = new SeededRandom(1);
        _features = new float[count * columns];
        foreach (ref float value in _features.AsSpan())
        {
            value = (float)random.NextNormal();
        }

        _labels = [.. Enumerable.Range(0, count).Select(r => _features[r * columns] + _features[(r * columns) + 1] > 0 ? 1f : 0f)];
        Rows = TrainingRows.Of(_features, columns, _labels);
        int[] usable = Rows.WithWindow([.. Enumerable.Range(0, count)], window);
        Train = usable[..(usable.Length * 4 / 5)];
        Valid = usable[Train.Length..];
        new Random(3).Shuffle(Train);
    }

    /// <summary>The rows.</summary>
    public TrainingRows Rows { get; }

    /// <summary>Those that are learned from, shuffled.</summary>
    public int[] Train { get; }

    /// <summary>Those behind them in time.</summary>
    public int[] Valid { get; }

    /// <summary>Writes what torch_train.py reads.</summary>
    public void Write(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "features.f32"), MemoryMarshal.AsBytes<float>(_features));
        File.WriteAllBytes(Path.Combine(folder, "labels.f32"), MemoryMarshal.AsBytes<float>(_labels));
        File.WriteAllBytes(Path.Combine(folder, "train.i32"), MemoryMarshal.AsBytes<int>(Train));
        File.WriteAllBytes(Path.Combine(folder, "valid.i32"), MemoryMarshal.AsBytes<int>(Valid));
    }

    /// <inheritdoc/>
    public void Dispose() => Rows.Dispose();
}
