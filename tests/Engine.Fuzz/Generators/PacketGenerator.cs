using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>Writes packets of a venue: well formed, in hostile order.</summary>
internal abstract class PacketGenerator
{
    /// <summary>Streams whose sequences are kept.</summary>
    protected const int Streams = 4;

    private const int MaxMessages = 12;
    private readonly ulong[] _next = new ulong[Streams];

    /// <summary>Only one stream, and nothing in its packets that is not what it says.</summary>
    public bool IsOrderly { get; init; }

    /// <summary>Messages that the batch's packets have announced.</summary>
    public long Announced { get; private set; }

    /// <summary>The first stream's next sequence, as far as its packets have come.</summary>
    public ulong Next => _next[0];

    /// <summary>Bytes of a packet's head.</summary>
    public abstract int Head { get; }

    /// <summary>Makes a head agree with how long its payload has become, where it says that.</summary>
    /// <param name="payload">At least as long as the head.</param>
    public virtual void Repair(Span<byte> payload)
    {
    }

    /// <summary>A batch begins: what the generator knows of streams is forgotten.</summary>
    public void Reset()
    {
        Array.Fill(_next, 1UL);
        Announced = 0;
    }

    /// <summary>Writes a UDP payload.</summary>
    /// <returns>Its bytes.</returns>
    public int Write(SeededRandom random, Span<byte> payload)
    {
        int stream = IsOrderly ? 0 : random.Next(Streams);
        int count = random.Next(10) switch { 0 => 0, < 6 => 1, _ => random.Next(1, MaxMessages) };
        ulong next = _next[stream];
        ulong sequence = Order(random, next, count);
        if (sequence >= next && sequence < next + 10_000)
        {
            _next[stream] = sequence + (ulong)count;
        }

        int announced = IsOrderly || random.Chance(0.97) ? count : random.Next(8) switch { 0 => 0xFFFF, 1 => 0, _ => count + random.Next(-1, 3) };
        Announced += announced;
        return Write(random, payload, stream, sequence, count, Math.Max(announced, 0));
    }

    /// <summary>Writes the messages of the first stream from a sequence on, again or for the first time.</summary>
    /// <returns>Its bytes.</returns>
    public int WriteAgain(SeededRandom random, Span<byte> payload, ulong from, int count) => Write(random, payload, 0, from, count, count);

    /// <summary>Writes a payload.</summary>
    protected abstract int Write(SeededRandom random, Span<byte> payload, int stream, ulong sequence, int count, int announced);

    /// <summary>Letters, as symbols are.</summary>
    protected static void Symbol(SeededRandom random, Span<byte> field, byte padding)
    {
        field.Fill(padding);
        int letters = Math.Min(random.Next(1, 5), field.Length);
        for (int i = 0; i < letters; i++)
        {
            field[i] = (byte)('A' + random.Next(4));
        }
    }

    private ulong Order(SeededRandom random, ulong next, int count) => random.Next(20) switch
    {
        < 13 => next,
        13 => next - (ulong)Math.Min(random.Next(1, 30), (long)Math.Min(next - 1, 30)),
        14 or 15 => next + (ulong)random.Next(1, 6),
        16 => next > (ulong)count ? next - (ulong)count : 1,
        17 => random.Chance(0.1) ? 1 : next,
        18 => random.Chance(0.03) && !IsOrderly ? random.NextUInt64() >> random.Next(64) : next,
        _ => random.Chance(0.1) ? next + (ulong)random.Next(10_000) : next,
    };
}
