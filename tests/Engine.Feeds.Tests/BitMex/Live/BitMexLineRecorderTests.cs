using System.Globalization;
using System.Text;
using Engine.Feeds.BitMex;
using Engine.Feeds.BitMex.Live;
using Engine.Simulator.Live.BitMex;

namespace Engine.Feeds.Tests.BitMex.Live;

public class BitMexLineRecorderTests
{
    [Test]
    public void A_recording_holds_every_line_in_order()
    {
        string path = EmptyPath();
        using LiveSession session = LiveSession.Start(new BitMexServerOptions { FrameBytes = 500 });
        using (BitMexLineRecorder recorder = new(path, session.Options()))
        {
            session.OnLine = recorder.Append;
            session.UntilPartials();
            session.Server.Step(500);
            session.Server.CutNextMessage();
            session.Server.Refuse(503);
            session.Server.Step(5);
            session.Until(() => session.Kinds.Contains(BitMexLineKind.Refused), "a refusal");
            session.Server.Accept();
            session.UntilPartials(2);
            session.Connection.Stop();
            session.Until(() => session.Next() == BitMexNext.End, "the end");
            recorder.Dispose();
            Assert.That((recorder.Lines, recorder.LostLines, recorder.Fault), Is.EqualTo(((long)session.Lines.Count, 0L, default(SourceFault))));
            Assert.That(recorder.Bytes, Is.EqualTo(new FileInfo(path).Length));
        }

        byte[] file = File.ReadAllBytes(path);
        Assert.That(session.Lines.Sum(line => line.Bytes), Is.EqualTo(file.Length));
        string[] lines = Encoding.UTF8.GetString(file).Split('\n')[..^1];
        Assert.That(lines, Is.EqualTo(session.Lines.Select(line => Text(line, session.Server.WebSocket.AbsoluteUri))));
        Assert.That(session.Kinds.Distinct(), Is.EquivalentTo(Enum.GetValues<BitMexLineKind>()));
    }

    [Test]
    public void A_full_ring_makes_the_reader_wait_and_loses_nothing()
    {
        string path = EmptyPath();
        using ScriptedLines lines = new(1_500);
        using BitMexLineRecorder recorder = new(path, ScriptedLines.Options with { RingBytes = 1 << 12, MessageBytesMax = 1_000 });
        while (lines.Next() == BitMexNext.Line)
        {
            recorder.Append(lines);
        }

        recorder.Dispose();
        Assert.That(recorder.RoomWaits, Is.GreaterThan(0));
        Assert.That((recorder.Lines, recorder.Bytes), Is.EqualTo((1_500L, new FileInfo(path).Length)));
    }

    [Test]
    public void Appending_allocates_nothing()
    {
        using ScriptedLines lines = new(50_000);
        using BitMexLineRecorder recorder = new(EmptyPath(), ScriptedLines.Options);
        for (int i = 0; i < 1_000; i++)
        {
            lines.Next();
            recorder.Append(lines);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (lines.Next() == BitMexNext.Line)
        {
            recorder.Append(lines);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_file_that_exists_is_not_overwritten()
    {
        string path = Feed.File("recording", [1, 2, 3]);
        Assert.That(() => new BitMexLineRecorder(path, ScriptedLines.Options), Throws.InstanceOf<IOException>());
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    [Platform("Linux")]
    public void A_full_disk_is_told_and_the_lines_are_counted()
    {
        using ScriptedLines lines = new(1_000);
        using BitMexLineRecorder recorder = new("/dev/full", ScriptedLines.Options, FileMode.Open);
        while (lines.Next() == BitMexNext.Line)
        {
            recorder.Append(lines);
        }

        recorder.Dispose();
        Assert.That((recorder.Lines, recorder.LostLines), Is.EqualTo((0L, 1_000L)));
        Assert.That(recorder.Fault?.Sentence, Does.Contain("/dev/full: cannot be written on from byte 0"));
    }

    [Test]
    public void A_line_too_long_for_the_ring_is_told_and_the_others_are_kept()
    {
        string path = EmptyPath();
        using ScriptedLines lines = new(10, longest: 5_000);
        using BitMexLineRecorder recorder = new(path, ScriptedLines.Options with { RingBytes = 1 << 12, MessageBytesMax = 1_000 });
        while (lines.Next() == BitMexNext.Line)
        {
            recorder.Append(lines);
        }

        recorder.Dispose();
        Assert.That((recorder.Lines, recorder.LostLines), Is.EqualTo((9L, 1L)));
        Assert.That(recorder.Fault?.Sentence, Does.Contain("a line of 5000 bytes was not recorded"));
    }

    /// <summary>A line as the format says, in the plainest way.</summary>
    internal static string Text(KeptLine line, string address)
    {
        string at = (line.Time / 1e9m).ToString("0.000000000", CultureInfo.InvariantCulture);
        return line.Kind switch
        {
            BitMexLineKind.Received => $"{at}: {line.Text}",
            BitMexLineKind.Sent => $"{address} <- {at}: {line.Text}",
            BitMexLineKind.Opened => $"{address} <-> {at}",
            BitMexLineKind.Closed => $"{address} <!> {at}: {line.Text}",
            _ => $"http{address[2..]} <!> {at}: {line.Text}",
        };
    }

    private static string EmptyPath()
    {
        string path = Feed.File("recording", []);
        File.Delete(path);
        return path;
    }
}
