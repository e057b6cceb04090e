using System.Globalization;

namespace Engine.Feeds.Tests.Vectors;

/// <summary>One capture of a vector file and what it must become.</summary>
internal sealed record VectorCase(string Name, string Venue, byte[] Capture, string? Refused, List<VectorStep> Steps, Dictionary<string, string> Counters)
{
    /// <summary>Reads a vector file; its form is described at its head.</summary>
    public static List<VectorCase> Load(string path)
    {
        List<VectorCase> cases = [];
        string[] lines = File.ReadAllLines(path);
        int i = 0;
        while (i < lines.Length)
        {
            string line = Words(lines[i++]);
            if (line.StartsWith("case ", StringComparison.Ordinal))
            {
                cases.Add(One(Words(lines[i - 1])[5..], lines, ref i));
            }
            else if (line.Length != 0)
            {
                throw new FormatException($"{path}:{i}: no case is open at '{line}'");
            }
        }

        return cases;
    }

    private static VectorCase One(string name, string[] lines, ref int i)
    {
        string venue = "auto";
        string? refused = null;
        List<VectorStep> steps = [];
        Dictionary<string, string> counters = [];
        List<(long Time, byte Group, List<byte> Bytes)> packets = [];
        for (; i < lines.Length; i++)
        {
            string line = Words(lines[i]);
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            if (words[0] == "case")
            {
                break;
            }

            switch (words[0])
            {
                case "venue": venue = words[1]; break;
                case "packet": packets.Add((Number(words[1]), (byte)Number(words[3]), [])); break;
                case "refused": refused = line[8..]; break;
                case "=": counters.Add(words[1], words[2]); break;
                case ">": steps.Add(new VectorStep(words[0], line[2..].Split(','))); break;
                case "~" or "+": steps.Add(new VectorStep(words[0], words[1..])); break;
                default: packets[^1].Bytes.AddRange(words.Select(word => byte.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))); break;
            }
        }

        PcapWriter writer = new();
        foreach ((long time, byte group, List<byte> bytes) in packets)
        {
            writer.Record(time, PcapWriter.Frame([.. bytes], group));
        }

        return new VectorCase(name, venue, writer.ToArray(), refused, steps, counters);
    }

    /// <summary>A line without its comment; an expected event has none.</summary>
    private static string Words(string line)
    {
        int comment = line.TrimStart().StartsWith('>') ? -1 : line.IndexOf('#', StringComparison.Ordinal);
        return (comment < 0 ? line : line[..comment]).Trim();
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}

/// <summary>An expected event (<c>&gt;</c>, its columns), or a run of events by kind (<c>~</c> any number, <c>+</c> at least one).</summary>
internal sealed record VectorStep(string Mark, string[] Words);
