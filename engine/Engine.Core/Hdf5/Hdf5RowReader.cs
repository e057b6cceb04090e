using Engine.Core.Memory;

namespace Engine.Core.Hdf5;

/// <summary>Reads the rows of any dataset in this machine's layout, some at a time.</summary>
public sealed unsafe class Hdf5RowReader : IDisposable
{
    /// <summary>Most elements of a row.</summary>
    public const int MaxItems = 4_096;

    /// <summary>Most bytes of a row.</summary>
    public const int MaxRowBytes = 16 << 20;

    private const int BatchBytes = 1 << 20;

    private readonly Hdf5Dataset _dataset;
    private readonly Hdf5Handle _native;
    private readonly NativeBuffer<byte> _buffer;
    private int _inBuffer;

    /// <param name="dataset">The dataset; stays the caller's.</param>
    /// <exception cref="Hdf5UnavailableException">It went through a filter that this library does not have.</exception>
    /// <exception cref="Hdf5Exception">Its type or its shape is not one whose rows are read.</exception>
    public Hdf5RowReader(Hdf5Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        _dataset = dataset;
        dataset.MustBeReadable();
        if (!Hdf5Values.CanRead(dataset.Type))
        {
            throw new Hdf5Exception($"{dataset.File}: dataset {dataset.Name} is {dataset.Type}; rows are read of numbers, texts and what is made of them");
        }

        long items = dataset.ItemsPerRow(MaxItems);
        _native = dataset.NativeType();
        try
        {
            Type = Hdf5TypeReader.Read(_native.Id, dataset.File, dataset.Name);
        }
        catch
        {
            _native.Dispose();
            throw;
        }

        if (items < 0 || items * Type.Size > MaxRowBytes)
        {
            _native.Dispose();
            throw new Hdf5Exception(FormattableString.Invariant($"{dataset.File}: dataset {dataset.Name} has rows of more than {MaxItems:N0} elements or {MaxRowBytes:N0} bytes"));
        }

        ItemsPerRow = (int)items;
        RowBytes = (int)items * Type.Size;
        RowsPerBatch = Math.Max(1, BatchBytes / Math.Max(1, RowBytes));
        _buffer = new NativeBuffer<byte>(Math.Max(1, RowsPerBatch * RowBytes));
    }

    /// <summary>The type of an element in memory.</summary>
    public Hdf5Type Type { get; }

    /// <summary>Elements of a row.</summary>
    public int ItemsPerRow { get; }

    /// <summary>Bytes of a row in memory.</summary>
    public int RowBytes { get; }

    /// <summary>Most rows of a read.</summary>
    public int RowsPerBatch { get; }

    /// <summary>The first row that was read; valid until the next read.</summary>
    public byte* Rows => _buffer.Pointer;

    /// <summary>Reads rows.</summary>
    /// <param name="start">The first.</param>
    /// <param name="count">How many, at most <see cref="RowsPerBatch"/>.</param>
    /// <exception cref="Hdf5Exception">The file is damaged there.</exception>
    public void Read(long start, int count)
    {
        Reclaim();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, RowsPerBatch);
        _buffer.Span.Clear();

        // SAFETY: the buffer has room for a batch of rows of the memory type.
        _dataset.ReadTo(start, count, _native.Id, _buffer.Pointer, (long)count * ItemsPerRow);
        _inBuffer = count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reclaim();
        _native.Dispose();
        _buffer.Dispose();
    }

    private void Reclaim()
    {
        if (_inBuffer > 0 && Type.HasPointers)
        {
            _dataset.Reclaim(_native.Id, (long)_inBuffer * ItemsPerRow, _buffer.Pointer);
        }

        _inBuffer = 0;
    }
}
