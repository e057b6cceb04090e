using System.Buffers.Binary;
using System.Globalization;
using Engine.Feeds.Text;

namespace Engine.Feeds.Xdp;

/// <summary>The wire fields of an XDP message that a market event has no room for, as text. A cold path.</summary>
/// <param name="symbols">Knows the scales of prices.</param>
internal sealed class XdpMessageText(XdpSymbols symbols) : MessageText
{
    /// <inheritdoc/>
    public override string Type(ReadOnlySpan<byte> message) => TypeOf(message).ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string TypeName(int entry) => entry == 0 ? "other" : entry.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override bool TryGetIds(ReadOnlySpan<byte> message, out long locate, out long tracking)
    {
        int symbol = SymbolOffset(message);
        bool hasIds = symbol > 0 && message.Length >= symbol + 4;
        locate = hasIds ? BinaryPrimitives.ReadUInt32LittleEndian(message[symbol..]) : 0;
        tracking = hasIds && HasSymbolSequence(TypeOf(message)) && message.Length >= symbol + 8
            ? BinaryPrimitives.ReadUInt32LittleEndian(message[(symbol + 4)..])
            : 0;
        return hasIds;
    }

    /// <inheritdoc/>
    public override void Detail(ReadOnlySpan<byte> message, TextWriter writer)
    {
        int type = TypeOf(message);
        int scale = TryGetIds(message, out long locate, out _) ? symbols.Scale((uint)locate) : FieldText.NoScale;
        FieldText.Write(message, XdpFields.Of(type), XdpLayouts.WireSize(type, message.Length), XdpLayouts.Head, false, scale, writer);
    }

    private static int TypeOf(ReadOnlySpan<byte> message) =>
        message.Length < XdpLayouts.Head ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(message[2..]);

    private static bool HasSymbolSequence(int type) => type is >= 100 and <= 114 or 34;

    private static unsafe int SymbolOffset(ReadOnlySpan<byte> message)
    {
        // SAFETY: the table has 256 entries.
        int type = TypeOf(message);
        return type > byte.MaxValue ? 0 : XdpLayouts.Table[type].Symbol;
    }
}
