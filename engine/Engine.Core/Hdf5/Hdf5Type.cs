using System.Globalization;

namespace Engine.Core.Hdf5;

/// <summary>The kinds of types, by the library's numbers.</summary>
public enum Hdf5Class
{
    /// <summary>A whole number.</summary>
    Integer = 0,

    /// <summary>A floating-point number.</summary>
    Float = 1,

    /// <summary>A time; the library hardly knows it.</summary>
    Time = 2,

    /// <summary>Text of fixed or variable length.</summary>
    Text = 3,

    /// <summary>Bits.</summary>
    Bits = 4,

    /// <summary>Bytes that mean something to somebody.</summary>
    Opaque = 5,

    /// <summary>Members with names.</summary>
    Compound = 6,

    /// <summary>A reference to an object or a region.</summary>
    Reference = 7,

    /// <summary>Whole numbers with names.</summary>
    Enumeration = 8,

    /// <summary>A sequence of variable length.</summary>
    Sequence = 9,

    /// <summary>A fixed number of items.</summary>
    Array = 10,
}

/// <summary>A member of a compound type.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Where it begins, bytes.</param>
/// <param name="Type">What it is.</param>
public sealed record Hdf5Member(string Name, int Offset, Hdf5Type Type);

/// <summary>A type as a file, or a buffer, has it.</summary>
public sealed record Hdf5Type
{
    /// <summary>The kind.</summary>
    public required Hdf5Class Class { get; init; }

    /// <summary>Bytes of one value.</summary>
    public required int Size { get; init; }

    /// <summary>Whether a whole number has a sign.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Whether the most significant byte comes first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>Whether a text has a length of its own, and is a pointer in memory.</summary>
    public bool IsVariable { get; init; }

    /// <summary>Whether a text is UTF-8 and not ASCII.</summary>
    public bool IsUtf8 { get; init; }

    /// <summary>The members of a compound type, in order.</summary>
    public IReadOnlyList<Hdf5Member> Members { get; init; } = [];

    /// <summary>What an array, a sequence or an enumeration is made of; else null.</summary>
    public Hdf5Type? Item { get; init; }

    /// <summary>The dimensions of an array.</summary>
    public IReadOnlyList<long> Dimensions { get; init; } = [];

    /// <summary>Whether values hold pointers once they are in memory.</summary>
    public bool HasPointers => IsVariable || Class is Hdf5Class.Sequence or Hdf5Class.Reference
        || (Item?.HasPointers ?? false) || Members.Any(m => m.Type.HasPointers);

    /// <summary>The type in words, e.g. `int64`, `float32 big-endian`, `text[8]`, `{time: uint64, price: uint32}`.</summary>
    public override string ToString()
    {
        string bits = (Size * 8).ToString(CultureInfo.InvariantCulture);
        string order = IsBigEndian && Size > 1 ? " big-endian" : "";
        return Class switch
        {
            Hdf5Class.Integer => $"{(IsSigned ? "" : "u")}int{bits}{order}",
            Hdf5Class.Float => $"float{bits}{order}",
            Hdf5Class.Text when IsVariable => IsUtf8 ? "text utf-8" : "text",
            Hdf5Class.Text => string.Create(CultureInfo.InvariantCulture, $"text[{Size}]{(IsUtf8 ? " utf-8" : "")}"),
            Hdf5Class.Bits => $"bits{bits}{order}",
            Hdf5Class.Opaque => string.Create(CultureInfo.InvariantCulture, $"opaque[{Size}]"),
            Hdf5Class.Compound => $"{{{string.Join(", ", Members.Select(m => $"{m.Name}: {m.Type}"))}}}",
            Hdf5Class.Enumeration => $"enumeration of {Item}",
            Hdf5Class.Sequence => $"sequence of {Item}",
            Hdf5Class.Array => string.Create(CultureInfo.InvariantCulture, $"{Item}[{string.Join(" x ", Dimensions)}]"),
            Hdf5Class.Reference => "reference",
            _ => "time",
        };
    }
}
