using System.Globalization;

namespace Engine.Feeds.Text;

/// <summary>Writes wire fields as <c>name=value;name=value</c>. A cold path.</summary>
internal static class FieldText
{
    /// <summary>A scale that is not known.</summary>
    public const int NoScale = -1;

    private static readonly decimal[] s_powers = [.. Enumerable.Range(0, 19).Select(Power)];

    /// <summary>
    /// Writes the fields that lie within the message, then the bytes behind the known layout as <c>extra=</c> in hexadecimal, or
    /// the body of an unknown type as <c>body=</c>. Letters come without their padding, prices as exact decimals, whole numbers in
    /// decimal; bytes that are not plain text as <c>\x1f</c>.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="fields">Its type's fields.</param>
    /// <param name="known">Length of the type's layout; 0 where the type is unknown.</param>
    /// <param name="head">Length of the head that every type has.</param>
    /// <param name="isBigEndian">Byte order.</param>
    /// <param name="scale">Decimals of <see cref="FieldForm.ScaledPrice"/>, 0 to 18, or <see cref="NoScale"/>.</param>
    /// <param name="writer">Receives the text.</param>
    public static void Write(
        ReadOnlySpan<byte> message, ReadOnlySpan<WireField> fields, int known, int head, bool isBigEndian, int scale, TextWriter writer)
    {
        string separator = "";
        foreach (WireField field in fields)
        {
            if (field.Offset + field.Size <= message.Length)
            {
                writer.Write(separator);
                writer.Write(field.Name);
                writer.Write('=');
                WriteValue(message.Slice(field.Offset, field.Size), field.Form, isBigEndian, scale, writer);
                separator = ";";
            }
        }

        int rest = known == 0 ? head : known;
        if (message.Length > rest)
        {
            writer.Write(separator);
            writer.Write(known == 0 ? "body=" : "extra=");
            writer.Write(Convert.ToHexStringLower(message[rest..]));
        }
    }

    private static void WriteValue(ReadOnlySpan<byte> bytes, FieldForm form, bool isBigEndian, int scale, TextWriter writer)
    {
        if (form == FieldForm.Text)
        {
            WriteText(bytes.TrimEnd((byte)' ').TrimEnd((byte)0), writer);
            return;
        }

        ulong value = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            value = (value << 8) | bytes[isBigEndian ? i : bytes.Length - 1 - i];
        }

        writer.Write(form switch
        {
            FieldForm.Price4 when bytes.Length == 8 => Decimal((long)value, 4),
            FieldForm.Price4 => Decimal(value, 4),
            FieldForm.Price8 => Decimal(value, 8),
            FieldForm.Price9 => Decimal((long)value, 9),
            FieldForm.Signed => ((int)value).ToString(CultureInfo.InvariantCulture),
            FieldForm.ScaledPrice => Decimal((int)value, Math.Max(scale, 0)),
            FieldForm.Bits => "0x" + value.ToString("x2", CultureInfo.InvariantCulture),
            _ => value.ToString(CultureInfo.InvariantCulture),
        });
    }

    private static string Decimal(decimal value, int decimals) =>
        (value / s_powers[decimals]).ToString("0.##################", CultureInfo.InvariantCulture);

    private static decimal Power(int exponent)
    {
        decimal power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static void WriteText(ReadOnlySpan<byte> letters, TextWriter writer)
    {
        foreach (byte letter in letters)
        {
            if (letter is < 0x20 or > 0x7E or (byte)';' or (byte)'=' or (byte)',' or (byte)'"' or (byte)'\\')
            {
                writer.Write("\\x");
                writer.Write(letter.ToString("x2", CultureInfo.InvariantCulture));
            }
            else
            {
                writer.Write((char)letter);
            }
        }
    }
}
