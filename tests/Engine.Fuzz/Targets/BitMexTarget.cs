using System.Text;
using System.Text.Json;
using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds;
using Engine.Feeds.BitMex;
using Engine.Feeds.Captures;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Small text captures of BitMEX sessions. A scan of the whole input as JSON must agree with the framework's reader.</summary>
internal sealed unsafe class BitMexTarget : SourceTarget
{
    private const uint Bare = (1u << (int)EventKind.Status) | (1u << (int)EventKind.LevelSet);
    private readonly BitMexGenerator _lines = new();

    /// <inheritdoc/>
    public override string Name => "bitmex";

    /// <inheritdoc/>
    public override int CasesPerBatch => 256;

    /// <inheritdoc/>
    public override int Weight => 2;

    /// <inheritdoc/>
    protected override long MaxReads(int length) => (16L * length) + 64;

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        if (random.Chance(0.05))
        {
            int noise = random.Next(1, 200);
            random.NextBytes(input[..noise]);
            return noise;
        }

        int length = _lines.Write(random, input);
        return random.Chance(0.4) ? Mutator.Mutate(random, input, length, input[..length]) : length;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        ReadOnlySpan<byte> text = new(input, length);
        FeedStatistics statistics = new() { BitMex = new BitMexStatistics() };

        // SAFETY: the input stays where it is until the file is read.
        BitMexTextLines lines = new([new CaptureFile("fuzz", input, length)], "text", statistics.BitMex);
        using BitMexSource source = new(lines, SmallOptions(), statistics);
        Drain(source, new SourceAudit(source) { HasRows = true, HasRecords = true, BareKinds = Bare }, length, batch);
        CheckLines(text, statistics, source.Fault is not null);
        int end = text.IndexOf((byte)'\n');
        int colon = text.IndexOf(": "u8);
        if (colon >= 0 && colon < end)
        {
            CheckScan(input + colon + 2, end - colon - 2);
        }
    }

    /// <summary>Every line is in one counter, but for a last one that is cut.</summary>
    private static void CheckLines(ReadOnlySpan<byte> text, FeedStatistics statistics, bool isCut)
    {
        BitMexStatistics s = statistics.BitMex!;
        long lines = text.Count((byte)'\n') + (text.IsEmpty || text[^1] == '\n' ? 0 : 1) - (isCut ? 1 : 0);
        long counted = s.BlankLines + s.MalformedLines + s.LongLines + s.SentLines + s.Opened + s.Closed + s.Refused + statistics.Messages;
        FuzzBatch.Require(lines == counted, $"{lines} lines, of which {counted} are counted");
    }

    /// <summary>What the scan calls good, the framework's reader reads to the end, and the other way round but for depth.</summary>
    private static void CheckScan(byte* text, int length)
    {
        NoTop top = default;
        JsonState state = JsonScan.Check(text, length, ref top);
        bool isRead = true;
        try
        {
            Utf8JsonReader reader = new(new ReadOnlySpan<byte>(text, length), new JsonReaderOptions { MaxDepth = JsonScan.MaxDepth });
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            isRead = false;
        }

        FuzzBatch.Require((state == JsonState.Good) == isRead, $"{state} JSON, which the reader {(isRead ? "reads" : "does not read")}: {Encoding.Latin1.GetString(text, length)}");
    }

    private readonly struct NoTop : IJsonTop
    {
        public void OnProperty(ReadOnlySpan<byte> name, JsonPart value)
        {
        }
    }
}
