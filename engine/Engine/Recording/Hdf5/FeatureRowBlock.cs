using Engine.Core.Memory;

namespace Engine.Recording.Hdf5;

/// <summary>A chunk of feature rows in memory, an array a column, sized once.</summary>
public sealed class FeatureRowBlock : IDisposable
{
    private readonly NativeBuffer<float> _features;
    private readonly NativeBuffer<long> _times;
    private readonly NativeBuffer<long> _receiveTimes;
    private readonly NativeBuffer<long> _events;
    private readonly NativeBuffer<ulong> _sequences;
    private readonly NativeBuffer<int> _instruments;
    private readonly NativeBuffer<byte> _trusts;
    private readonly NativeBuffer<byte> _flags;
    private readonly int _width;

    /// <param name="features">Features in a row.</param>
    public FeatureRowBlock(int features)
    {
        _width = features;
        Capacity = FeatureFileFormat.RowsPerChunk(features);
        _features = new NativeBuffer<float>(Capacity * features);
        _times = new NativeBuffer<long>(Capacity);
        _receiveTimes = new NativeBuffer<long>(Capacity);
        _events = new NativeBuffer<long>(Capacity);
        _sequences = new NativeBuffer<ulong>(Capacity);
        _instruments = new NativeBuffer<int>(Capacity);
        _trusts = new NativeBuffer<byte>(Capacity);
        _flags = new NativeBuffer<byte>(Capacity);
    }

    /// <summary>Rows that fit.</summary>
    public int Capacity { get; }

    /// <summary>Rows that are there.</summary>
    public int Count { get; set; }

    /// <summary>Features of the rows, one row after the other.</summary>
    public Span<float> Features => _features.Span[..(Count * _width)];

    /// <summary>Exchange times.</summary>
    public Span<long> Times => _times.Span[..Count];

    /// <summary>Receive times.</summary>
    public Span<long> ReceiveTimes => _receiveTimes.Span[..Count];

    /// <summary>Event numbers.</summary>
    public Span<long> Events => _events.Span[..Count];

    /// <summary>Sequence numbers.</summary>
    public Span<ulong> Sequences => _sequences.Span[..Count];

    /// <summary>Indices into the file's symbols.</summary>
    public Span<int> Instruments => _instruments.Span[..Count];

    /// <summary>Trusts.</summary>
    public Span<byte> Trusts => _trusts.Span[..Count];

    /// <summary>Flags.</summary>
    public Span<byte> Flags => _flags.Span[..Count];

    /// <summary>The features of one row.</summary>
    public Span<float> Row(int index) => _features.Span.Slice(index * _width, _width);

    /// <inheritdoc/>
    public void Dispose()
    {
        _features.Dispose();
        _times.Dispose();
        _receiveTimes.Dispose();
        _events.Dispose();
        _sequences.Dispose();
        _instruments.Dispose();
        _trusts.Dispose();
        _flags.Dispose();
    }
}
