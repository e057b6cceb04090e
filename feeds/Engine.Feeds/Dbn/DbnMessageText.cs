using System.Buffers.Binary;
using System.Globalization;
using Engine.Feeds.Text;

namespace Engine.Feeds.Dbn;

/// <summary>DBN records as text. A cold path.</summary>
public sealed class DbnMessageText : MessageText
{
    /// <summary>The one there is.</summary>
    public static DbnMessageText Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type(ReadOnlySpan<byte> message) => message.Length < DbnLayouts.Head ? "" : TypeName(message[1]);

    /// <inheritdoc/>
    public override string TypeName(int entry) =>
        DbnLayouts.NameOf(entry) ?? string.Create(CultureInfo.InvariantCulture, $"rtype_0x{entry:x2}");

    /// <summary>The instrument id and the publisher id.</summary>
    public override bool TryGetIds(ReadOnlySpan<byte> message, out long locate, out long tracking)
    {
        bool has = message.Length >= DbnLayouts.Head;
        locate = has ? BinaryPrimitives.ReadUInt32LittleEndian(message[4..]) : 0;
        tracking = has ? BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) : 0;
        return has;
    }

    /// <summary>
    /// Writes every field that an event has no room for, or may show otherwise: action and side as the venue's letters, the price and the
    /// size (a fill's event has none), the order id before <see cref="Instruments.OrderIdSpace"/>, orders by level.
    /// </summary>
    public override void Detail(ReadOnlySpan<byte> message, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (message.Length >= DbnLayouts.Head)
        {
            int type = message[1];
            FieldText.Write(
                message, DbnLayouts.FieldsOf(type), DbnLayouts.LengthOf(type), DbnLayouts.Head, false, FieldText.NoScale, writer);
        }
    }
}
