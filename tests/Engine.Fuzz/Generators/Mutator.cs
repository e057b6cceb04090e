using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>Damages bytes in the ways that decoders fall over.</summary>
internal static class Mutator
{
    private static readonly ulong[] s_boundaries =
        [0, 1, 2, 3, 4, 15, 16, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <summary>Damages an input one to four times.</summary>
    /// <param name="random">Says how.</param>
    /// <param name="input">The input, with room behind it.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="other">An earlier input, to splice with.</param>
    /// <returns>Its bytes after that.</returns>
    public static int Mutate(SeededRandom random, Span<byte> input, int length, ReadOnlySpan<byte> other)
    {
        for (int i = random.Next(1, 5); i > 0 && length > 0; i--)
        {
            length = Once(random, input, length, other);
        }

        return length;
    }

    private static int Once(SeededRandom random, Span<byte> input, int length, ReadOnlySpan<byte> other)
    {
        int at = random.Chance(0.5) ? random.Next(Math.Min(length, 24)) : random.Next(length);
        switch (random.Next(8))
        {
            case 0:
                input[at] ^= (byte)(1 << random.Next(8));
                return length;
            case 1:
                input[at] = (byte)random.Next(256);
                return length;
            case 2 or 3:
                WriteBoundary(random, input[at..length]);
                return length;
            case 4:
                return random.Chance(0.5) ? at : Math.Max(length - random.Next(1, 5), 0);
            case 5:
                return Repeat(random, input, length, at);
            case 6:
                int part = Math.Min(random.Next(1, 64), Math.Min(other.Length, length - at));
                if (part > 0)
                {
                    other.Slice(random.Next(other.Length - part + 1), part).CopyTo(input[at..]);
                }

                return length;
            default:
                int more = Math.Min(random.Next(1, 9), input.Length - length);
                random.NextBytes(input.Slice(length, more));
                return length + more;
        }
    }

    private static void WriteBoundary(SeededRandom random, Span<byte> field)
    {
        ulong value = s_boundaries[random.Next(s_boundaries.Length)];
        int size = Math.Min(1 << random.Next(4), field.Length);
        bool isBig = random.Chance(0.5);
        for (int i = 0; i < size; i++, value >>= 8)
        {
            field[isBig ? size - 1 - i : i] = (byte)value;
        }
    }

    /// <summary>Puts a part in a second time, behind itself.</summary>
    private static int Repeat(SeededRandom random, Span<byte> input, int length, int at)
    {
        int part = Math.Min(random.Next(1, 100), Math.Min(length - at, input.Length - length));
        input[at..length].CopyTo(input[(at + part)..]);
        return length + part;
    }
}
