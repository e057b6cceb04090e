using System.Runtime.InteropServices;

namespace Engine.Training.Training;

/// <summary>The bytes of many values: more than one span of bytes can hold.</summary>
internal static class ByteSlices
{
    /// <summary>Most values of a slice.</summary>
    public const int Values = 1 << 20;

    /// <summary>What is told of a slice.</summary>
    public delegate void Slice(ReadOnlySpan<byte> bytes);

    /// <summary>Gives the bytes of all values, in order.</summary>
    /// <param name="values">The values.</param>
    /// <param name="slice">Told of each slice.</param>
    public static void Give<T>(ReadOnlySpan<T> values, Slice slice)
        where T : unmanaged
    {
        for (; !values.IsEmpty; values = values[Math.Min(values.Length, Values)..])
        {
            slice(MemoryMarshal.AsBytes(values[..Math.Min(values.Length, Values)]));
        }
    }
}
