namespace Engine.Training.Backends.Gpu;

/// <summary>The rows of some steps of a group's networks.</summary>
/// <param name="steps">Steps.</param>
/// <param name="models">Networks.</param>
internal sealed class GpuBurst(int steps, int models)
{
    private readonly ReadOnlyMemory<int>[] _rows = new ReadOnlyMemory<int>[steps * models];

    /// <summary>Steps.</summary>
    public int Steps => steps;

    /// <summary>Networks.</summary>
    public int Models => models;

    /// <summary>The rows of one network's step; empty where it rests.</summary>
    public ReadOnlyMemory<int> this[int step, int model]
    {
        get => _rows[(step * models) + model];
        set => _rows[(step * models) + model] = value;
    }

    /// <summary>The rows of the network that has most of them in a step.</summary>
    public int LargestOf(int step)
    {
        int largest = 0;
        for (int m = 0; m < models; m++)
        {
            largest = Math.Max(largest, this[step, m].Length);
        }

        return largest;
    }
}
