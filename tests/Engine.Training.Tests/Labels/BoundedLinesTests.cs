using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Labels;

namespace Engine.Training.Tests.Labels;

public class BoundedLinesTests
{
    private static readonly string[] s_ends = ["\n", "\r", "\r\n", "\n\r", ""];

    [Test]
    public void Lines_are_those_of_a_plain_reader([ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        var random = new SeededRandom(seed);
        for (int run = 0; run < 50; run++)
        {
            // Long enough that ends of lines fall on either side of, and between, blocks that are read.
            int longest = run % 2 == 0 ? 5 : 40_000;
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => new string('x', random.Next(longest)) + s_ends[random.Next(s_ends.Length)]));
            var lines = new BoundedLines(new Stingy(text, random), text.Length + 1);
            using var plain = new StringReader(text);
            for (int line = 0; ; line++)
            {
                string? expected = plain.ReadLine();
                Assert.That((lines.Read(out bool isTooLong), isTooLong), Is.EqualTo((expected, false)), $"seed {seed}, run {run}, line {line}");
                if (expected is null)
                {
                    break;
                }
            }
        }
    }

    [TestCase("abc\nabcd", 3)]
    [TestCase("abc\r\nabcd\n", 3)]
    [TestCase("abc\nxxxxxxxxxxxxxxxxxx", 3)]
    public void What_is_too_long_is_said_to_be(string text, int most)
    {
        var lines = new BoundedLines(new StringReader(text), most);
        Assert.That((lines.Read(out bool isTooLong), isTooLong), Is.EqualTo(("abc", false)));
        Assert.That((lines.Read(out isTooLong), isTooLong), Is.EqualTo(((string?)null, true)));
    }

    [Test]
    public void A_line_without_an_end_is_read_no_further_than_it_may_be_long()
    {
        var endless = new Endless();
        Assert.That((new BoundedLines(endless, 100_000).Read(out bool isTooLong), isTooLong), Is.EqualTo(((string?)null, true)));
        Assert.That(endless.Told, Is.InRange(100_000, 150_000));
    }

    private static IEnumerable<ulong> SomeSeeds() => Seeds.Take(5);

    /// <summary>Gives fewer characters than are asked for.</summary>
    private sealed class Stingy(string text, SeededRandom random) : TextReader
    {
        private int _at;

        public override int Read(char[] buffer, int index, int count)
        {
            int given = Math.Min(text.Length - _at, random.Next(1, Math.Min(count, 20_000) + 1));
            text.CopyTo(_at, buffer, index, given);
            _at += given;
            return given;
        }
    }

    /// <summary>One line for ever.</summary>
    private sealed class Endless : TextReader
    {
        public int Told { get; private set; }

        public override int Read(char[] buffer, int index, int count)
        {
            Array.Fill(buffer, 'x', index, count);
            Told += count;
            return count;
        }
    }
}
