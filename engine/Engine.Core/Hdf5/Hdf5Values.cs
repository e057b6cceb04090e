using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Core.Hdf5;

/// <summary>Values in this machine's layout, told apart by their type.</summary>
public static unsafe class Hdf5Values
{
    /// <summary>Whether every part of a type is one that is read here: numbers, bits, texts, and what is made of them.</summary>
    public static bool CanRead(Hdf5Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Class switch
        {
            Hdf5Class.Integer or Hdf5Class.Bits => type.Size is 1 or 2 or 4 or 8,
            // The library makes a 16-bit one a float32 in memory.
            Hdf5Class.Float => type.Size is 2 or 4 or 8,
            Hdf5Class.Text or Hdf5Class.Opaque => true,
            Hdf5Class.Compound => type.Members.All(m => CanRead(m.Type)),
            Hdf5Class.Enumeration or Hdf5Class.Array => CanRead(type.Item!),
            _ => false,
        };
    }

    /// <summary>A whole number.</summary>
    /// <param name="type">Its type: of at most 8 bytes.</param>
    /// <param name="value">Where it is.</param>
    /// <returns>It, in 64 bits; those of an unsigned one are to be taken as such.</returns>
    public static long Integer(Hdf5Type type, byte* value)
    {
        ArgumentNullException.ThrowIfNull(type);

        // SAFETY: callers pass a value of the type, in this machine's byte order.
        return (type.Size, type.IsSigned) switch
        {
            (1, true) => *(sbyte*)value,
            (1, false) => *value,
            (2, true) => *(short*)value,
            (2, false) => *(ushort*)value,
            (4, true) => *(int*)value,
            (4, false) => *(uint*)value,
            _ => *(long*)value,
        };
    }

    /// <summary>A text of a fixed or of its own length.</summary>
    public static string String(Hdf5Type type, byte* value)
    {
        ArgumentNullException.ThrowIfNull(type);

        // SAFETY: a text of variable length is a pointer to a zero-terminated one, or null.
        return type.IsVariable ? Marshal.PtrToStringUTF8(*(nint*)value) ?? "" : Hdf5Texts.Decode(new ReadOnlySpan<byte>(value, type.Size));
    }

    /// <summary>A value in words.</summary>
    public static string Text(Hdf5Type type, byte* value)
    {
        ArgumentNullException.ThrowIfNull(type);
        switch (type.Class)
        {
            case Hdf5Class.Integer or Hdf5Class.Bits or Hdf5Class.Enumeration:
                Hdf5Type number = type.Item ?? type;
                long integer = Integer(number, value);
                return number.IsSigned || number.Size < 8 ? integer.ToString(CultureInfo.InvariantCulture) : ((ulong)integer).ToString(CultureInfo.InvariantCulture);
            case Hdf5Class.Float:
                return type.Size == 4 ? (*(float*)value).ToString(CultureInfo.InvariantCulture) : (*(double*)value).ToString(CultureInfo.InvariantCulture);
            case Hdf5Class.Text:
                return String(type, value);
            case Hdf5Class.Opaque:
                return Convert.ToHexStringLower(new ReadOnlySpan<byte>(value, type.Size));
            case Hdf5Class.Compound:
                return $"{{{string.Join(", ", type.Members.Select(m => $"{m.Name}: {Text(m.Type, value + m.Offset)}"))}}}";
            default:
                return Items(type, value);
        }
    }

    private static string Items(Hdf5Type type, byte* value)
    {
        var text = new StringBuilder("[");
        for (int at = 0; at + type.Item!.Size <= type.Size; at += type.Item.Size)
        {
            text.Append(at == 0 ? "" : " ").Append(Text(type.Item, value + at));
        }

        return text.Append(']').ToString();
    }
}
