using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>Reads what a type is; bounded in depth and members, since a file may say anything.</summary>
internal static unsafe class Hdf5TypeReader
{
    /// <summary>Deepest nesting of types.</summary>
    public const int MaxDepth = 8;

    /// <summary>Most members of all compounds in one type together.</summary>
    public const int MaxMembers = 4_096;

    /// <summary>Most dimensions, as in the library.</summary>
    public const int MaxRank = 32;

    private const int BigEndian = 1;
    private const int Utf8 = 1;

    /// <summary>Describes a type.</summary>
    /// <param name="type">The identifier; stays the caller's.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="what">The object, for messages.</param>
    /// <exception cref="Hdf5Exception">It cannot be read, or is too deep or too wide.</exception>
    public static Hdf5Type Read(long type, string path, string what)
    {
        int members = 0;
        return Read(type, path, $"the type of {what}", 0, ref members);
    }

    private static Hdf5Type Read(long type, string path, string what, int depth, ref int members)
    {
        int kind = (int)Hdf5Errors.Check(Hdf5Native.H5Tget_class(type), path, what);
        nuint size = Hdf5Native.H5Tget_size(type);
        if (depth > MaxDepth || size is 0 or > int.MaxValue || !Enum.IsDefined((Hdf5Class)kind))
        {
            throw new Hdf5Exception(FormattableString.Invariant($"{path}: {what} is not one that is read here: kind {kind}, {size} bytes, nested {depth} deep (at most {MaxDepth})"));
        }

        var read = new Hdf5Type
        {
            Class = (Hdf5Class)kind,
            Size = (int)size,
            IsBigEndian = kind is 0 or 1 or 4 && Hdf5Native.H5Tget_order(type) == BigEndian,
        };
        switch (read.Class)
        {
            case Hdf5Class.Integer:
                return read with { IsSigned = Hdf5Native.H5Tget_sign(type) > 0 };
            case Hdf5Class.Text:
                return read with { IsVariable = Hdf5Native.H5Tis_variable_str(type) > 0, IsUtf8 = Hdf5Native.H5Tget_cset(type) == Utf8 };
            case Hdf5Class.Compound:
                return read with { Members = Members(type, path, what, depth, ref members) };
            case Hdf5Class.Array:
            case Hdf5Class.Sequence:
            case Hdf5Class.Enumeration:
                using (Hdf5Handle item = Hdf5Handle.Take(Hdf5Native.H5Tget_super(type), path, what))
                {
                    return read with
                    {
                        Item = Read(item.Id, path, what, depth + 1, ref members),
                        Dimensions = read.Class == Hdf5Class.Array ? Dimensions(type, path, what) : [],
                    };
                }

            default:
                return read;
        }
    }

    private static Hdf5Member[] Members(long type, string path, string what, int depth, ref int members)
    {
        int count = (int)Hdf5Errors.Check(Hdf5Native.H5Tget_nmembers(type), path, what);
        members += count;
        if (members > MaxMembers)
        {
            throw new Hdf5Exception(FormattableString.Invariant($"{path}: {what} has more than {MaxMembers} members"));
        }

        var read = new Hdf5Member[count];
        for (int i = 0; i < count; i++)
        {
            // SAFETY: the name is a copy that is ours to free.
            byte* text = Hdf5Native.H5Tget_member_name(type, (uint)i);
            string name = Marshal.PtrToStringUTF8((nint)text) ?? "";
            _ = Hdf5Native.H5free_memory(text);
            using Hdf5Handle member = Hdf5Handle.Take(Hdf5Native.H5Tget_member_type(type, (uint)i), path, what);
            read[i] = new Hdf5Member(name, (int)Hdf5Native.H5Tget_member_offset(type, (uint)i), Read(member.Id, path, what, depth + 1, ref members));
        }

        return read;
    }

    private static long[] Dimensions(long type, string path, string what)
    {
        int rank = (int)Hdf5Errors.Check(Hdf5Native.H5Tget_array_ndims(type), path, what);
        ulong* dimensions = stackalloc ulong[MaxRank];
        if (rank > MaxRank || Hdf5Native.H5Tget_array_dims2(type, dimensions) < 0)
        {
            Hdf5Errors.ThrowRead(path, what);
        }

        return [.. new ReadOnlySpan<ulong>(dimensions, rank).ToArray().Select(d => (long)d)];
    }
}
