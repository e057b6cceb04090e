using System.IO.Compression;
using Engine.Core.Events;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

/// <summary>Opens bytes as captures and reads them to the end.</summary>
internal static class Feed
{
    public static FeedOptions Options(DateOnly? date = null) => new() { Instruments = new InstrumentTable(1_000), Date = date };

    /// <summary>Writes a file into the test's work folder.</summary>
    public static string File(string name, byte[] bytes)
    {
        string folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, "feeds-" + TestContext.CurrentContext.Test.ID);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    public static Result Read(params byte[][] captures) => Read(Options(), captures);

    public static Result Read(FeedOptions options, params byte[][] captures)
    {
        string[] paths = [.. captures.Select((bytes, i) => File($"capture{i}", bytes))];
        using MarketDataSource source = CaptureSource.Open(paths, options);
        return ReadAll(source);
    }

    public static Result ReadAll(MarketDataSource source, int room = 1_024)
    {
        MarketEvent[] buffer = new MarketEvent[room];
        List<MarketEvent> events = [];
        List<byte[]?> messages = [];
        int count;
        while ((count = source.Read(buffer)) >= 0)
        {
            for (int i = 0; i < count; i++)
            {
                events.Add(buffer[i]);
                messages.Add(source.TryGetMessage(i, out ReadOnlySpan<byte> message) ? message.ToArray() : null);
            }
        }

        Assert.That(source.Read(buffer), Is.EqualTo(-1), "the end stays the end");
        return new Result(events, messages, source.Statistics, source.Fault, source.Instruments, source.Format, source.Date, source.DateSource);
    }

    public static CaptureException Refused(byte[] bytes, string name = "input") =>
        Assert.Throws<CaptureException>(() => CaptureSource.Open([File(name, bytes)], Options()))!;

    internal sealed record Result(
        List<MarketEvent> Events, List<byte[]?> Messages, FeedStatistics Statistics, SourceFault? Fault, InstrumentTable Instruments,
        string Format, DateOnly? Date, string DateSource)
    {
        public ulong[] Orders => [.. Events.Where(e => e.Kind == EventKind.Add).Select(e => e.OrderId)];
    }
}
