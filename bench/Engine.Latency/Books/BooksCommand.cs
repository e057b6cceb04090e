using System.Globalization;
using Engine.Latency.Stages;

namespace Engine.Latency.Books;

/// <summary>
/// `books`: decode, and decode + book, over a BinaryFILE of the user's: what is held against other programs over the same file. It pins
/// nothing, so that one `taskset` can place all of them.
/// </summary>
public static class BooksCommand
{
    private const int RoundsMax = 1_000;

    /// <summary>Measures and prints a line a stage. 0, or 2 when an option makes no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        string capture = "";
        int rounds = 5;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool good = args[i] switch
            {
                "--capture" => File.Exists(capture = value),
                "--rounds" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds is >= 1 and <= RoundsMax,
                _ => false,
            };
            if (!good)
            {
                Console.Error.WriteLine($"books: {args[i]} {value}: use --capture FILE (a BinaryFILE), --rounds 1..{RoundsMax}");
                return 2;
            }
        }

        if (capture.Length == 0)
        {
            Console.Error.WriteLine("books: no file; use --capture FILE (a BinaryFILE)");
            return 2;
        }

        output.WriteLine($"# {MachineName.Describe()}");
        Measure(new MessagePath(capture), rounds, output);
        return 0;
    }

    private static void Measure(MessagePath path, int rounds, TextWriter output)
    {
        var walk = new double[rounds];
        var decode = new double[rounds];
        var book = new double[rounds];
        for (int r = 0; r < rounds; r++)
        {
            walk[r] = path.WalkLengths();
            decode[r] = path.Decode();
            book[r] = path.DecodeAndBook();
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {DateTime.UtcNow:yyyy-MM-dd HH:mm}Z, {path.Messages:N0} messages, {rounds} rounds, ns a message, median (best), digest {path.BookDigest}"));
        Line(output, "walk the lengths only", walk);
        Line(output, "ITCH decode", decode);
        Line(output, "decode + L3 book", book);
    }

    private static void Line(TextWriter output, string name, double[] nanos)
    {
        double[] sorted = [.. nanos.Order()];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-34} {sorted[sorted.Length / 2],8:F1} ({sorted[0]:F1})"));
    }
}
