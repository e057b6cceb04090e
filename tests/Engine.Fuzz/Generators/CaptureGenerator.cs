using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>Writes small capture files.</summary>
internal abstract class CaptureGenerator
{
    /// <summary>Most packets of a file.</summary>
    protected const int MaxPackets = 8;

    /// <summary>Most bytes of a packet.</summary>
    protected const int MaxPacket = 80;

    /// <summary>The format.</summary>
    public abstract string Name { get; }

    /// <summary>Writes a file.</summary>
    /// <returns>Its bytes.</returns>
    public abstract int Write(SeededRandom random, Span<byte> file);

    /// <summary>Writes a packet's bytes, whatever they are, padded to a multiple.</summary>
    protected static void Packet(SeededRandom random, ref ByteWriter writer, int length, int multiple)
    {
        int padded = (length + multiple - 1) / multiple * multiple;
        random.NextBytes(writer.Rest[..padded]);
        writer.Skip(padded);
    }
}
