using System.Buffers.Binary;
using System.Text;

namespace Engine.Fuzz.Generators;

/// <summary>Writes fields one behind the other.</summary>
/// <param name="target">Where to.</param>
internal ref struct ByteWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What is left to write to.</summary>
    public readonly Span<byte> Rest => _target[Length..];

    /// <summary>Takes bytes that were written to <see cref="Rest"/>.</summary>
    public void Skip(int count) => Length += count;

    /// <summary>A byte.</summary>
    public void U8(int value) => _target[Length++] = (byte)value;

    /// <summary>Two bytes, little-endian.</summary>
    public void Little16(int value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)value);

    /// <summary>Four bytes, little-endian.</summary>
    public void Little32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    /// <summary>Eight bytes, little-endian.</summary>
    public void Little64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>Two bytes, big-endian.</summary>
    public void Big16(int value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)value);

    /// <summary>Four bytes, big-endian.</summary>
    public void Big32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    /// <summary>Eight bytes, big-endian.</summary>
    public void Big64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    /// <summary>Bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Letters of Latin-1.</summary>
    public void Text(string text) => Skip(Encoding.Latin1.GetBytes(text, Rest));

    private Span<byte> Take(int count)
    {
        Span<byte> taken = _target.Slice(Length, count);
        Length += count;
        return taken;
    }
}
