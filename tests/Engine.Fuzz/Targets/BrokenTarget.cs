using System.Runtime.InteropServices;
using Engine.Core.Numerics;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>
/// A decoder of length-prefixed messages with a fault that only some inputs show: what the harness is worth.
/// </summary>
/// <param name="name">The target's name.</param>
/// <param name="decode">The decoder: messages and bytes that it has counted.</param>
internal sealed unsafe class BrokenTarget(string name, BrokenTarget.Decoder decode) : InputTarget
{
    /// <summary>Walks an input.</summary>
    /// <returns>Bytes accounted for.</returns>
    public delegate int Decoder(byte* input, int length);

    private const int LeakedBytes = 4 << 10;

    /// <inheritdoc/>
    public override string Name => name;

    /// <summary>Believes a length that leads behind the end.</summary>
    public static Decoder Overread { get; } = (input, length) =>
    {
        int at = 0;
        while (at < length)
        {
            at += input[at] + 1;
        }

        // SAFETY: none; that is the fault.
        return input[at - 1] == 0 ? length : Math.Min(length, at);
    };

    /// <summary>Looks before the first byte.</summary>
    public static Decoder Underread { get; } = (input, length) => length > 200 && input[-1] == 1 ? length : length;

    /// <summary>Does not move on over an empty message.</summary>
    public static Decoder Loop { get; } = (input, length) =>
    {
        int at = 0;
        while (at < length)
        {
            at += Math.Min(input[at] == 0 ? 0 : input[at] + 1, length - at);
        }

        return at;
    };

    /// <summary>Forgets the rest of a cut message.</summary>
    public static Decoder Miscount { get; } = (input, length) =>
    {
        int at = 0;
        while (at < length && input[at] + 1 <= length - at)
        {
            at += input[at] + 1;
        }

        return at;
    };

    /// <summary>Throws at an input that it does not like.</summary>
    public static Decoder Throw { get; } = (input, length) => length > 2 && input[0] == 0 ? throw new InvalidOperationException("no message") : length;

    /// <summary>Keeps memory.</summary>
    public static Decoder Leak { get; } = (_, length) =>
    {
        NativeMemory.Fill(NativeMemory.Alloc(LeakedBytes), LeakedBytes, 1);
        return length;
    };

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        int length = random.Next(1, 300);
        random.NextBytes(input[..length]);
        return length;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch) =>
        FuzzBatch.Require(decode(input, length) == length, "bytes that are in no counter");
}
