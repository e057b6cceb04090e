namespace Engine.Feeds.Text;

/// <summary>How a field is written as text.</summary>
internal enum FieldForm
{
    /// <summary>Letters.</summary>
    Text,

    /// <summary>A whole number without sign.</summary>
    Number,

    /// <summary>A number of bits, as <c>0x40</c>.</summary>
    Bits,

    /// <summary>A price in 1e-4, signed where the field has eight bytes.</summary>
    Price4,

    /// <summary>A price or level in 1e-8.</summary>
    Price8,

    /// <summary>A price in 1e-9, signed.</summary>
    Price9,

    /// <summary>A whole number with sign, of four bytes.</summary>
    Signed,

    /// <summary>A signed price of four bytes in the instrument's own scale; in wire units where the scale is unknown.</summary>
    ScaledPrice,
}

/// <summary>A field on the wire.</summary>
/// <param name="Name">In lower case with underscores.</param>
/// <param name="Offset">From the message's first byte.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Form">How it is written.</param>
internal readonly record struct WireField(string Name, int Offset, int Size, FieldForm Form)
{
    /// <summary>Letters.</summary>
    public static WireField Letters(string name, int offset, int size = 1) => new(name, offset, size, FieldForm.Text);

    /// <summary>A whole number.</summary>
    public static WireField Number(string name, int offset, int size) => new(name, offset, size, FieldForm.Number);
}
