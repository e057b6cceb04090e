using System.Globalization;
using System.Text;
using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>LOBSTER message files and the rows beside them.</summary>
internal static class LobsterGenerator
{
    private const int MaxLines = 60;
    private const string NoLevel = "9999999999,0,-9999999999,0";

    private static readonly string[] s_numbers =
        ["", "-", "0", "-1", "00", "9999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.5", "+1", "1e5", " 1", "123456789012345678901"];

    /// <summary>Writes both files.</summary>
    /// <param name="random">Says how.</param>
    /// <param name="messages">Receives the message file.</param>
    /// <param name="rows">Receives the order-book file.</param>
    /// <returns>Bytes of each.</returns>
    public static (int Messages, int Rows) Write(SeededRandom random, Span<byte> messages, Span<byte> rows)
    {
        int levels = random.Chance(0.9) ? random.Next(1, 6) : random.Next(20, 40);
        string end = random.Chance(0.1) ? "\r\n" : "\n";
        StringBuilder lines = new(), tops = new();
        int count = random.Next(1, levels > 10 ? 8 : MaxLines);
        for (int i = 0; i < count; i++)
        {
            bool isLast = i == count - 1 && random.Chance(0.1);
            lines.Append(Message(random, i)).Append(isLast ? "" : end);
            tops.Append(Row(random, levels)).Append(isLast ? "" : end);
        }

        tops.Append(random.Chance(0.03) ? Row(random, levels) + end : "");
        return (Encoding.Latin1.GetBytes(lines.ToString(), messages), Encoding.Latin1.GetBytes(tops.ToString(), rows));
    }

    private static string Message(SeededRandom random, int line)
    {
        string time = $"{34_200 + line}" + (random.Chance(0.9) ? $".{random.Next(1_000_000_000):D9}" : "");
        string[] parts =
        [
            time, Text(random.Chance(0.97) ? random.Next(1, 8) : random.Next(12)), Text(random.Next(40)), Text(random.Next(random.Chance(0.95) ? 1 : 0, 500)),
            Text(1_000_000 + (100 * random.Next(-20, 20))), random.Chance(0.98) ? random.Chance(0.5) ? "1" : "-1" : "0",
        ];
        if (random.Chance(0.04))
        {
            parts[random.Next(parts.Length)] = s_numbers[random.Next(s_numbers.Length)];
        }

        return string.Join(',', parts);
    }

    private static string Row(SeededRandom random, int levels)
    {
        string[] parts = [.. Enumerable.Range(0, levels).Select(i => random.Chance(0.1) ? NoLevel : Level(random, i))];
        if (random.Chance(0.03))
        {
            parts[random.Next(levels)] = s_numbers[random.Next(s_numbers.Length)];
        }

        return string.Join(',', parts);
    }

    private static string Level(SeededRandom random, int depth)
    {
        int from = random.Chance(0.95) ? depth : 0;
        return $"{Text(1_000_100 + (from * 100))},{Text(random.Next(1, 9))},{Text(1_000_000 - (from * 100))},{Text(random.Next(1, 9))}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
