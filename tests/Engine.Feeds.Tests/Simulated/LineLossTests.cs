using System.Buffers.Binary;
using System.Text;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Simulator;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Simulated;

/// <summary>Two lines of XDP and DEEP that lose packets: what both lost is lost, to the message, and nothing else is.</summary>
public class LineLossTests
{
    private static readonly Venue[] s_venues = [Venue.Xdp, Venue.IexDeep];

    private static IEnumerable<ulong> SeedsOfDays() => Seeds.Take(2);

    [Test]
    public void What_both_lines_lost_is_lost_and_else_the_books_are_those_of_the_day(
        [ValueSource(nameof(s_venues))] Venue venue, [Values(0.001, 0.01, 0.05)] double loss, [ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        SimulationOptions day = new() { Seed = seed, Messages = 8_000, Instruments = 5, Venue = venue };
        Day faulty = Day.Of(day with { Lines = 2, Loss = loss, Duplicate = 0.01, Reorder = 0.01 });
        AssertLost(faulty, seed);
        Assert.That(faulty.Lost.Count, loss < 0.05 ? Is.Not.Negative : Is.Positive, $"seed {seed}");
        if (faulty.Lost.Count == 0)
        {
            using OrderBooks books = Apply(faulty.Read), whole = Apply(Day.Of(day).Read);
            Assert.That(books.Digest.Value, Is.EqualTo(whole.Digest.Value), $"seed {seed}");
            Assert.That(books.CountTrust(BookTrust.Good), Is.EqualTo(5), $"seed {seed}");
        }
        else
        {
            Assert.That(Suspects(faulty.Read), Has.Length.EqualTo(5), $"seed {seed}: a lost message may be of any instrument");
        }
    }

    [Test]
    public void Only_the_instruments_of_a_channel_that_lost_messages_are_suspect()
    {
        int lossless = 0;
        int lossy = 0;
        foreach (ulong seed in Enumerable.Range(1, 6).Select(i => (ulong)i))
        {
            Day faulty = Day.Of(new() { Seed = seed, Messages = 8_000, Instruments = 8, Venue = Venue.Xdp, Channels = 2, Lines = 2, Loss = 0.01, Duplicate = 0.01 });
            AssertLost(faulty, seed);
            string[] expected =
            [
                .. faulty.Symbols.Where(s => faulty.Lost.Any(run => run.Channel == s.Channel && run.From > s.FirstSequence)).Select(s => s.Symbol).Distinct().Order(StringComparer.Ordinal),
            ];
            Assert.That(Suspects(faulty.Read), Is.EqualTo(expected), $"seed {seed}");
            lossy += expected.Length;
            lossless += 8 - expected.Length;
        }

        Assert.That((lossy > 5, lossless > 5), Is.EqualTo((true, true)), $"{lossy} suspect, {lossless} good");
    }

    private static void AssertLost(Day day, ulong seed)
    {
        FeedStatistics s = day.Read.Statistics;
        long lost = day.Lost.Sum(run => run.Count);
        Assert.That((s.Gaps, s.Lost), Is.EqualTo(((long)day.Lost.Count, lost)), $"seed {seed}");
        Assert.That(s.Missing, Is.EqualTo(s.Recovered + s.Lost), $"seed {seed}");
        Assert.That(s.Messages, Is.EqualTo(day.Present), $"seed {seed}");
        Assert.That(s.Restarts, Is.Zero, $"seed {seed}");
        Assert.That(
            day.Read.Events.Where(e => e.Kind == EventKind.Gap).Select(e => (e.Sequence, e.Quantity)).Distinct().Order(),
            Is.EqualTo(day.Lost.Select(run => (run.From, run.Count)).Distinct().Order()),
            $"seed {seed}");
    }

    private static string[] Suspects(Feed.Result read)
    {
        using OrderBooks books = Apply(read);
        return [.. Enumerable.Range(0, read.Instruments.Count).Where(i => books.Has(i) && books.Trust(i) == BookTrust.Suspect)
            .Select(i => read.Instruments.Symbol(i) ?? "").Order(StringComparer.Ordinal)];
    }

    private static OrderBooks Apply(Feed.Result read)
    {
        OrderBooks books = new(new EngineLimits { Instruments = 1_000 });
        foreach (MarketEvent original in read.Events)
        {
            MarketEvent e = original;
            _ = books.Apply(ref e);
        }

        books.FoldFullState();
        return books;
    }

    /// <summary>A simulated day as the decoder reads it, and what its packets' heads tell a reader that knows nothing else.</summary>
    private sealed record Day(Feed.Result Read, long Present, List<(int Channel, ulong From, long Count)> Lost, List<(int Channel, string Symbol, ulong FirstSequence)> Symbols)
    {
        private const int FrameHead = 14 + 20 + 8;

        public static Day Of(SimulationOptions options)
        {
            using MemoryStream stream = new();
            _ = Simulation.Run(options, stream);
            byte[] capture = stream.ToArray();
            SortedDictionary<int, (SortedSet<ulong> Seen, ulong Top)> channels = [];
            List<(int Channel, string Symbol, ulong Sequence)> symbols = [];
            for (int at = 24; at < capture.Length; at += 16 + BinaryPrimitives.ReadInt32LittleEndian(capture.AsSpan(at + 8)))
            {
                ReadOnlySpan<byte> frame = capture.AsSpan(at + 16, BinaryPrimitives.ReadInt32LittleEndian(capture.AsSpan(at + 8)));
                ReadOnlySpan<byte> packet = frame[FrameHead..];
                bool isXdp = options.Venue == Venue.Xdp;
                int channel = isXdp ? (frame[14 + 19] - 65) % 128 : 0; // groups 224.0.59.65 and .193, and from there on
                ulong sequence = isXdp ? BinaryPrimitives.ReadUInt32LittleEndian(packet[4..]) : BinaryPrimitives.ReadUInt64LittleEndian(packet[24..]);
                int count = isXdp ? packet[3] : BinaryPrimitives.ReadUInt16LittleEndian(packet[14..]);
                (SortedSet<ulong> seen, ulong top) = channels.TryGetValue(channel, out var known) ? known : ([], 1UL);
                for (int i = 0; i < count; i++)
                {
                    _ = seen.Add(sequence + (ulong)i);
                }

                channels[channel] = (seen, Math.Max(top, sequence + (ulong)count));
                symbols.AddRange(isXdp ? Mappings(channel, sequence, packet) : []);
            }

            return new Day(Feed.Read(capture), channels.Values.Sum(c => (long)c.Seen.Count), [.. channels.SelectMany(c => Runs(c.Key, c.Value.Seen, c.Value.Top))], symbols);
        }

        private static IEnumerable<(int, ulong, long)> Runs(int channel, SortedSet<ulong> seen, ulong top)
        {
            ulong next = 1;
            foreach (ulong sequence in seen.Append(top))
            {
                if (sequence > next)
                {
                    yield return (channel, next, (long)(sequence - next));
                }

                next = sequence + 1;
            }
        }

        private static List<(int, string, ulong)> Mappings(int channel, ulong sequence, ReadOnlySpan<byte> packet)
        {
            List<(int, string, ulong)> found = [];
            for (int at = 16; at < packet.Length; at += BinaryPrimitives.ReadUInt16LittleEndian(packet[at..]), sequence++)
            {
                if (packet[at + 2] == 3)
                {
                    found.Add((channel, Encoding.ASCII.GetString(packet.Slice(at + 8, 11)).TrimEnd('\0', ' '), sequence));
                }
            }

            return found;
        }
    }
}
