using System.Buffers.Binary;
using Engine.Core.Numerics;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>A venue that answers requests for lost messages and for snapshots, as well or badly as it is told to.</summary>
internal sealed class VenueServer(LossyLines lines, SeededRandom random) : IResponder
{
    /// <summary>Most bytes of an answering packet.</summary>
    private const int PacketBytes = 1_400;

    public double Loss { get; init; }

    public double Duplicates { get; init; }

    /// <summary>Most packets in answer to one request; 0 for no answer.</summary>
    public int PacketsPerRequest { get; init; } = 8;

    /// <summary>How far a snapshot may lie behind the stream, or before it, in messages.</summary>
    public int SnapshotSkew { get; init; } = 40;

    /// <summary>Every so many snapshots is too old to be of use.</summary>
    public double OldSnapshots { get; init; }

    /// <summary>Replies given.</summary>
    public long Replies { get; private set; }

    public void Request(ScriptedInput input, ulong from, ulong count)
    {
        Assert.That(count, Is.GreaterThan(0UL));
        Assert.That(from + count, Is.LessThanOrEqualTo(lines.Stream.End), "only what there is is asked for");
        for (int packet = 0; packet < PacketsPerRequest && count > 0; packet++)
        {
            int fits = 0;
            for (int bytes = 20; (ulong)fits < count && (bytes += 2 + lines.Stream.Messages[from - 1 + (ulong)fits].Length) <= PacketBytes;)
            {
                fits++;
            }

            Reply(input, from, fits, Loss);
            Reply(input, from, fits, 1 - Duplicates);
            from += (ulong)fits;
            count -= (ulong)fits;
        }
    }

    public void RequestSnapshot(ScriptedInput input)
    {
        long time = input.Time + random.Next(20_000, 800_000);
        long skew = random.Chance(OldSnapshots) ? -1_000 : random.Next(-SnapshotSkew / 4, SnapshotSkew);
        ulong next = (ulong)Math.Clamp((long)lines.NextAt(time) + skew, 1, (long)lines.Stream.End);
        input.Add(Step.Snapshot(time, next, Snapshot(lines.Stream, next)));
    }

    /// <summary>The symbols, and the orders that live before a sequence, as adds.</summary>
    public static byte[][] Snapshot(TrueStream stream, ulong next)
    {
        List<byte[]> symbols = [];
        Dictionary<ulong, byte[]> orders = [];
        foreach (byte[] message in stream.Messages.Take((int)next - 1))
        {
            ulong order = message.Length >= 19 ? BinaryPrimitives.ReadUInt64BigEndian(message.AsSpan(11)) : 0;
            switch ((char)message[0])
            {
                case 'R':
                    symbols.Add(message);
                    break;
                case 'A' or 'F':
                    orders[order] = [(byte)'A', .. message[1..36]];
                    break;
                case 'E' or 'C' or 'X':
                    Reduce(orders, order, BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(19)));
                    break;
                case 'D':
                    orders.Remove(order);
                    break;
                case 'U' when orders.Remove(order, out byte[]? old):
                    orders[BinaryPrimitives.ReadUInt64BigEndian(message.AsSpan(19))] =
                        [.. old[..11], .. message[19..27], old[19], .. message[27..31], .. old[24..32], .. message[31..35]];
                    break;
            }
        }

        return [.. symbols, .. orders.Values];
    }

    private static void Reduce(Dictionary<ulong, byte[]> orders, ulong order, uint quantity)
    {
        byte[] add = [.. orders[order]];
        uint left = BinaryPrimitives.ReadUInt32BigEndian(add.AsSpan(20)) - quantity;
        BinaryPrimitives.WriteUInt32BigEndian(add.AsSpan(20), left);
        orders[order] = add;
        if (left == 0)
        {
            orders.Remove(order);
        }
    }

    private void Reply(ScriptedInput input, ulong from, int count, double loss)
    {
        if (!random.Chance(loss))
        {
            Replies++;
            input.Add(Step.Reply(input.Time + random.Next(50_000, 400_000), lines.Stream.Pack(from, count)));
        }
    }
}
