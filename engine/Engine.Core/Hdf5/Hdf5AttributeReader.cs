using Engine.Core.Memory;

namespace Engine.Core.Hdf5;

/// <summary>Reads the values of an attribute as text.</summary>
internal static unsafe class Hdf5AttributeReader
{
    /// <summary>Reads one.</summary>
    /// <param name="attribute">The identifier; stays the caller's.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="Hdf5Exception">It is damaged.</exception>
    public static Hdf5Attribute Read(long attribute, string file, string name)
    {
        string what = $"attribute {name}";
        using Hdf5Handle fileType = Hdf5Handle.Take(Hdf5Native.H5Aget_type(attribute), file, what);
        Hdf5Type type = Hdf5TypeReader.Read(fileType.Id, file, what);
        using Hdf5Handle space = Hdf5Handle.Take(Hdf5Native.H5Aget_space(attribute), file, what);
        if (Hdf5Native.H5Sget_simple_extent_type(space.Id) == Hdf5Native.SpaceNull)
        {
            return new Hdf5Attribute(name, type, [], [], "it is empty");
        }

        int rank = (int)Hdf5Errors.Check(Hdf5Native.H5Sget_simple_extent_ndims(space.Id), file, what);
        ulong* dimensions = stackalloc ulong[Hdf5TypeReader.MaxRank];
        if (rank > Hdf5TypeReader.MaxRank || (rank > 0 && Hdf5Native.H5Sget_simple_extent_dims(space.Id, dimensions, null) < 0))
        {
            Hdf5Errors.ThrowRead(file, what);
        }

        long[] shape = [.. new ReadOnlySpan<ulong>(dimensions, rank).ToArray().Select(d => (long)Math.Min(d, long.MaxValue))];
        if (!Hdf5Values.CanRead(type))
        {
            return new Hdf5Attribute(name, type, shape, [], $"{type} is not read");
        }

        long elements = shape.Aggregate(1L, (product, d) => d == 0 ? 0 : product > Hdf5Attributes.MaxBytes / d ? long.MaxValue : product * d);
        using Hdf5Handle native = Hdf5Handle.Take(Hdf5Native.H5Tget_native_type(fileType.Id, 1), file, what);
        Hdf5Type memory = Hdf5TypeReader.Read(native.Id, file, what);
        return elements > Hdf5Attributes.MaxBytes / memory.Size
            ? new Hdf5Attribute(name, type, shape, [], FormattableString.Invariant($"it has more than {Hdf5Attributes.MaxBytes} bytes"))
            : new Hdf5Attribute(name, type, shape, elements == 0 ? [] : Values(attribute, native, memory, (int)elements, space, file, what), null);
    }

    private static string[] Values(long attribute, Hdf5Handle native, Hdf5Type memory, int elements, Hdf5Handle space, string file, string what)
    {
        using var buffer = new NativeBuffer<byte>(elements * memory.Size);

        // SAFETY: the buffer has room for every element of the memory type; texts of variable length are the library's, and
        // go back to it when they have been copied.
        if (Hdf5Native.H5Aread(attribute, native.Id, buffer.Pointer) < 0)
        {
            Hdf5Errors.ThrowRead(file, what);
        }

        var values = new string[elements];
        for (int i = 0; i < elements; i++)
        {
            values[i] = Hdf5Values.Text(memory, buffer.Pointer + ((long)i * memory.Size));
        }

        if (memory.HasPointers)
        {
            _ = Hdf5Native.H5Dvlen_reclaim(native.Id, space.Id, Hdf5Native.Default, buffer.Pointer);
        }

        return values;
    }
}
