using System.Globalization;

namespace Engine.Core.Hdf5;

/// <summary>A filter of a dataset's chunks.</summary>
/// <param name="Id">Its registered number.</param>
/// <param name="Name">_what the file or the library calls it.</param>
/// <param name="Parameters">_what it was told, e.g. deflate's level.</param>
/// <param name="IsAvailable">Whether this library can undo it.</param>
public sealed record Hdf5Filter(int Id, string Name, IReadOnlyList<uint> Parameters, bool IsAvailable);

/// <summary>A dataset that is read. What it is, is known from the start; rows are its first dimension.</summary>
public sealed unsafe class Hdf5Dataset : IDisposable
{
    /// <summary>Most bytes of texts that are read at once.</summary>
    public const int MaxTextBytes = 64 << 20;

    private readonly string _what;
    private readonly Hdf5Handle _dataset;
    private readonly Hdf5Handle _fileType;
    private readonly int _rank;

    private Hdf5Dataset(string file, string name, Hdf5Handle dataset)
    {
        File = file;
        Name = name;
        _what = $"dataset {name}";
        _dataset = dataset;
        try
        {
            using Hdf5Handle space = Hdf5Handle.Take(Hdf5Native.H5Dget_space(dataset.Id), file, _what);
            _fileType = Hdf5Handle.Take(Hdf5Native.H5Dget_type(dataset.Id), file, _what);
            Type = Hdf5TypeReader.Read(_fileType.Id, file, _what);
            IsEmpty = Hdf5Native.H5Sget_simple_extent_type(space.Id) == Hdf5Native.SpaceNull;
            _rank = IsEmpty ? 0 : (int)Hdf5Errors.Check(Hdf5Native.H5Sget_simple_extent_ndims(space.Id), file, _what);
            ulong* dimensions = stackalloc ulong[Hdf5TypeReader.MaxRank];
            ulong* most = stackalloc ulong[Hdf5TypeReader.MaxRank];
            if (_rank > Hdf5TypeReader.MaxRank || (_rank > 0 && Hdf5Native.H5Sget_simple_extent_dims(space.Id, dimensions, most) < 0))
            {
                Hdf5Errors.ThrowRead(file, _what);
            }

            Shape = Lengths(dimensions, _rank);
            MostShape = Lengths(most, _rank);
            StoredBytes = (long)Hdf5Native.H5Dget_storage_size(dataset.Id);
            using Hdf5Handle creation = Hdf5Handle.Take(Hdf5Native.H5Dget_create_plist(dataset.Id), file, _what);
            Chunk = ReadChunk(creation.Id);
            Filters = ReadFilters(creation.Id);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file, as the user named it.</summary>
    public string File { get; }

    /// <summary>The path in the file.</summary>
    public string Name { get; }

    /// <summary>The type of an element.</summary>
    public Hdf5Type Type { get; }

    /// <summary>The dimensions; none for a single value.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The most that the dimensions may grow to; −1 where nothing bounds one.</summary>
    public IReadOnlyList<long> MostShape { get; }

    /// <summary>Whether it has no elements and no shape.</summary>
    public bool IsEmpty { get; }

    /// <summary>The shape of a chunk; null where there are none.</summary>
    public IReadOnlyList<long>? Chunk { get; }

    /// <summary>The filters, in the order of writing.</summary>
    public IReadOnlyList<Hdf5Filter> Filters { get; }

    /// <summary>Bytes of the elements in the file.</summary>
    public long StoredBytes { get; }

    /// <summary>How many rows there are: the first dimension, or 1 for a single value.</summary>
    public long Rows => IsEmpty ? 0 : Shape.Count == 0 ? 1 : Shape[0];

    /// <summary>Opens a dataset.</summary>
    /// <exception cref="Hdf5Exception">There is none, or it is damaged.</exception>
    public static Hdf5Dataset Open(Hdf5File file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        Hdf5Library.Enter();
        if (!file.Has(name))
        {
            throw new Hdf5Exception($"{file.Path}: there is no dataset {name}");
        }

        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: the name is zero-terminated.
            return new Hdf5Dataset(file.Path, name, Hdf5Handle.Take(Hdf5Native.H5Dopen2(file.Id, text, Hdf5Native.Default), file.Path, $"dataset {name}"));
        }
    }

    /// <summary>Elements in a row, or −1 when they are more than <paramref name="most"/>.</summary>
    public long ItemsPerRow(long most)
    {
        long items = 1;
        for (int i = 1; i < _rank; i++)
        {
            long length = Shape[i];
            if (length > most / Math.Max(1, items))
            {
                return -1;
            }

            items *= length;
        }

        return items;
    }

    /// <summary>Whether an element is a number of a C# type, in any byte order.</summary>
    public bool Holds<T>()
        where T : unmanaged => Hdf5Element.Is<T>(Type);

    /// <summary>Refuses a dataset whose chunks went through a filter that this library does not have.</summary>
    /// <exception cref="Hdf5UnavailableException">It has one; the message names it.</exception>
    public void MustBeReadable()
    {
        if (Filters.FirstOrDefault(f => !f.IsAvailable) is { } filter)
        {
            throw new Hdf5UnavailableException(string.Create(
                CultureInfo.InvariantCulture,
                $"{File}: dataset {Name} went through the filter {filter.Name} ({filter.Id}), which this libhdf5 does not have; install its plugin (HDF5_PLUGIN_PATH), or rewrite the file where it is: h5repack -f GZIP=4"));
        }
    }

    /// <summary>Reads rows of plain numbers of any byte order.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Rows, all of which must be there.</param>
    /// <param name="values">Receives them; as many as the rows have elements.</param>
    /// <exception cref="Hdf5Exception">The file is damaged there.</exception>
    public void Read<T>(long start, long count, Span<T> values)
        where T : unmanaged
    {
        // SAFETY: the span is pinned, and has room for the rows, which is checked against the library's own count of elements.
        fixed (T* target = values)
        {
            ReadTo(start, count, Hdf5Element.Of<T>(), target, values.Length);
        }
    }

    /// <summary>Reads the first texts of a dataset of them, of one fixed length.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="Hdf5Exception">They are no such texts, are more than <see cref="MaxTextBytes"/>, or are damaged.</exception>
    public string[] ReadTexts(long count)
    {
        if (Type is not { Class: Hdf5Class.Text, IsVariable: false } || count > MaxTextBytes / Type.Size)
        {
            throw new Hdf5Exception($"{File}: {_what} is {Type}, {count} of them; texts of one length are read, up to {MaxTextBytes} bytes");
        }

        byte[] bytes = new byte[count * Type.Size];

        // SAFETY: the memory type is the file's own, of a fixed size; the array is pinned.
        fixed (byte* target = bytes)
        {
            ReadTo(0, count, _fileType.Id, target, count);
        }

        return [.. Enumerable.Range(0, (int)count).Select(i => Hdf5Texts.Decode(bytes.AsSpan(i * Type.Size, Type.Size)))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _fileType.Dispose();
        _dataset.Dispose();
    }

    /// <summary>The file's type in this machine's own layout; the caller's to give back.</summary>
    internal Hdf5Handle NativeType() => Hdf5Handle.Take(Hdf5Native.H5Tget_native_type(_fileType.Id, 1), File, _what);

    /// <summary>Gives back what a read of texts or sequences of variable length allocated.</summary>
    internal void Reclaim(long memoryType, long elements, void* buffer)
    {
        ulong count = (ulong)elements;

        // SAFETY: the buffer holds as many elements of the type, just read; their pointers are the library's own.
        using Hdf5Handle space = Hdf5Handle.Take(Hdf5Native.H5Screate_simple(1, &count, null), File, _what);
        _ = Hdf5Native.H5Dvlen_reclaim(memoryType, space.Id, Hdf5Native.Default, buffer);
    }

    /// <summary>Reads rows.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Rows.</param>
    /// <param name="memoryType">_what an element becomes.</param>
    /// <param name="target">Where they go.</param>
    /// <param name="room">Elements that fit there.</param>
    internal void ReadTo(long start, long count, long memoryType, void* target, long room)
    {
        Hdf5Library.Enter();
        long items = ItemsPerRow(room);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Rows);
        if (count == 0 || items == 0)
        {
            return;
        }

        if (items < 0 || count > room / items)
        {
            throw new ArgumentException($"{count} rows do not fit.", nameof(count));
        }

        ulong elements = (ulong)(count * items);
        ulong* first = stackalloc ulong[Hdf5TypeReader.MaxRank];
        ulong* counts = stackalloc ulong[Hdf5TypeReader.MaxRank];
        for (int i = 0; i < _rank; i++)
        {
            first[i] = i == 0 ? (ulong)start : 0;
            counts[i] = i == 0 ? (ulong)count : (ulong)Shape[i];
        }

        // SAFETY: starts and counts have an entry for each dimension; the memory space has exactly the selected elements.
        using Hdf5Handle space = Hdf5Handle.Take(Hdf5Native.H5Dget_space(_dataset.Id), File, _what);
        using Hdf5Handle memory = Hdf5Handle.Take(Hdf5Native.H5Screate_simple(1, &elements, null), File, _what);
        if (_rank > 0 && Hdf5Native.H5Sselect_hyperslab(space.Id, Hdf5Native.SelectSet, first, null, counts, null) < 0)
        {
            Hdf5Errors.ThrowRead(File, _what);
        }

        if (Hdf5Native.H5Dread(_dataset.Id, memoryType, memory.Id, space.Id, Hdf5Native.Default, target) < 0)
        {
            MustBeReadable();
            Hdf5Errors.ThrowRead(File, string.Create(CultureInfo.InvariantCulture, $"{_what}, rows {start:N0} to {start + count - 1:N0},"));
        }
    }

    private static long[] Lengths(ulong* dimensions, int rank) =>
        [.. new ReadOnlySpan<ulong>(dimensions, rank).ToArray().Select(d => d > long.MaxValue ? -1 : (long)d)];

    private long[]? ReadChunk(long creation)
    {
        if (Hdf5Native.H5Pget_layout(creation) != Hdf5Native.LayoutChunked)
        {
            return null;
        }

        ulong* chunk = stackalloc ulong[Hdf5TypeReader.MaxRank];
        int rank = (int)Hdf5Errors.Check(Hdf5Native.H5Pget_chunk(creation, Hdf5TypeReader.MaxRank, chunk), File, _what);
        return Lengths(chunk, Math.Min(rank, Hdf5TypeReader.MaxRank));
    }

    private Hdf5Filter[] ReadFilters(long creation)
    {
        const int MostParameters = 16, NameBytes = 64;
        var filters = new Hdf5Filter[(int)Hdf5Errors.Check(Hdf5Native.H5Pget_nfilters(creation), File, _what)];
        uint* parameters = stackalloc uint[MostParameters];
        byte* name = stackalloc byte[NameBytes];
        for (int i = 0; i < filters.Length; i++)
        {
            nuint count = MostParameters;
            uint flags;
            uint configuration;

            // SAFETY: the buffers are as long as the call is told.
            int id = (int)Hdf5Errors.Check(
                Hdf5Native.H5Pget_filter2(creation, (uint)i, &flags, &count, parameters, NameBytes, name, &configuration), File, _what);
            filters[i] = new Hdf5Filter(
                id, Hdf5FilterNames.Of(id, new ReadOnlySpan<byte>(name, NameBytes)),
                new ReadOnlySpan<uint>(parameters, (int)Math.Min(count, MostParameters)).ToArray(), Hdf5Native.H5Zfilter_avail(id) > 0);
        }

        return filters;
    }
}
