namespace Engine.Core.Hdf5;

/// <summary>How a column's chunks are stored.</summary>
/// <param name="Rows">Rows of a chunk.</param>
/// <param name="Deflate">Level of deflate, 1 to 9, with shuffle before it; 0 stores as it is. Every chunk has a checksum.</param>
public sealed record Hdf5Chunking(int Rows, int Deflate);

/// <summary>A dataset that grows by rows. After construction nothing is put on the collected heap.</summary>
public sealed unsafe class Hdf5Column : IDisposable
{
    private readonly Hdf5File _file;
    private readonly string _name;
    private readonly Hdf5Handle _dataset;
    private readonly Hdf5Handle _type;
    private readonly int _rank;
    private readonly ulong _width;

    private Hdf5Column(Hdf5File file, string name, Hdf5Handle dataset, Hdf5Handle type, int rank, int width, int rowBytes)
    {
        _file = file;
        _name = name;
        _dataset = dataset;
        _type = type;
        _rank = rank;
        _width = (ulong)width;
        RowBytes = rowBytes;
    }

    /// <summary>Rows that it has.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of a row in memory.</summary>
    public int RowBytes { get; }

    /// <summary>Creates a column of numbers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Where in it.</param>
    /// <param name="chunking">How chunks are stored.</param>
    /// <param name="width">0 for one number a row, else numbers in a row of a table.</param>
    /// <param name="fill">What a row reads as that was made room for and never written.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static Hdf5Column Create<T>(Hdf5File file, string name, Hdf5Chunking chunking, int width = 0, T fill = default)
        where T : unmanaged
    {
        // SAFETY: the fill value is of the type that is named beside it, and is copied.
        Hdf5Handle type = new(Hdf5Native.H5Tcopy(Hdf5Element.Of<T>()));
        return Create(file, name, chunking, type, width, sizeof(T) * Math.Max(1, width), &fill);
    }

    /// <summary>Creates a column of texts of a fixed length: UTF-8, padded with zeros.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Where in it.</param>
    /// <param name="chunking">How chunks are stored.</param>
    /// <param name="bytes">Bytes of a text.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static Hdf5Column CreateTexts(Hdf5File file, string name, Hdf5Chunking chunking, int bytes) =>
        Create(file, name, chunking, Hdf5Texts.Fixed(bytes), 0, bytes, null);

    /// <summary>Adds rows.</summary>
    /// <param name="rows">They, as they lie in memory.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> rows, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, (long)count * RowBytes, nameof(rows));
        if (count == 0)
        {
            return;
        }

        Hdf5Library.Enter();
        ulong* size = stackalloc ulong[2];
        ulong* start = stackalloc ulong[2];
        ulong* added = stackalloc ulong[2];
        start[0] = (ulong)Rows;
        start[1] = 0;
        added[0] = (ulong)count;
        added[1] = _width;
        size[0] = (ulong)(Rows + count);
        size[1] = _width;

        // SAFETY: sizes have an entry for each of at most two dimensions; the rows are pinned and as many as the memory space has.
        fixed (byte* source = rows)
        {
            if (Hdf5Native.H5Dset_extent(_dataset.Id, size) < 0)
            {
                _file.Fail(_name);
            }

            using Hdf5Handle space = Hdf5Handle.TakeWritten(Hdf5Native.H5Dget_space(_dataset.Id), _file, _name);
            using Hdf5Handle memory = Hdf5Handle.TakeWritten(Hdf5Native.H5Screate_simple(_rank, added, null), _file, _name);
            if (Hdf5Native.H5Sselect_hyperslab(space.Id, Hdf5Native.SelectSet, start, null, added, null) < 0
                || Hdf5Native.H5Dwrite(_dataset.Id, _type.Id, memory.Id, space.Id, Hdf5Native.Default, source) < 0)
            {
                _file.Fail(_name);
            }
        }

        Rows += count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_file.IsBroken)
        {
            _type.Dispose();
            _dataset.Dispose();
        }
    }

    private static Hdf5Column Create(Hdf5File file, string name, Hdf5Chunking chunking, Hdf5Handle type, int width, int rowBytes, void* fill)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(chunking);
        int rank = width == 0 ? 1 : 2;
        ulong* size = stackalloc ulong[2] { 0, (ulong)width };
        ulong* most = stackalloc ulong[2] { Hdf5Native.Unlimited, (ulong)width };
        ulong* chunk = stackalloc ulong[2] { (ulong)chunking.Rows, (ulong)width };
        using Hdf5Handle creation = Hdf5Handle.Properties("H5P_CLS_DATASET_CREATE_ID_g", file.Path);
        using Hdf5Handle space = Hdf5Handle.TakeWritten(Hdf5Native.H5Screate_simple(rank, size, most), file, name);

        // SAFETY: sizes have an entry for each dimension; the fill value is of the dataset's type.
        bool good = Hdf5Native.H5Pset_chunk(creation.Id, rank, chunk) >= 0
            && Hdf5Native.H5Pset_obj_track_times(creation.Id, 0) >= 0
            && (fill == null || Hdf5Native.H5Pset_fill_value(creation.Id, type.Id, fill) >= 0)
            && (chunking.Deflate == 0 || (Hdf5Native.H5Pset_shuffle(creation.Id) >= 0 && Hdf5Native.H5Pset_deflate(creation.Id, (uint)chunking.Deflate) >= 0))
            && Hdf5Native.H5Pset_fletcher32(creation.Id) >= 0;
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            long id = good ? Hdf5Native.H5Dcreate2(file.Id, text, type.Id, space.Id, Hdf5Native.Default, creation.Id, Hdf5Native.Default) : -1;
            return new Hdf5Column(file, name, Hdf5Handle.TakeWritten(id, file, name), type, rank, width, rowBytes);
        }
    }
}
