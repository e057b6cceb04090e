using System.Globalization;
using System.Net;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Lab.Commands;

/// <summary>Reads the lines of a live venue and their faults from the command line.</summary>
internal static class SimLiveLines
{
    private static readonly string[] s_usual = ["A=239.192.1.1:0", "B=239.192.1.2:0"];

    /// <summary>The lines with their faults.</summary>
    /// <param name="lines">NAME=GROUP:PORT each; none for the usual two.</param>
    /// <param name="faults">NAME:KEY=VALUE,… each; '*' names all lines; later ones win.</param>
    /// <param name="day">Its faults are those of all lines, unless told otherwise.</param>
    /// <exception cref="UsageException">One of them cannot be read.</exception>
    public static LineOptions[] Parse(string[] lines, string[] faults, SimulationOptions day)
    {
        LineOptions[] parsed = [.. (lines.Length == 0 ? s_usual : lines).Select(Line)];
        var all = new LiveFaults { Loss = day.Loss, Duplication = day.Duplicate, Reordering = day.Reorder, Delay = day.DelaySpike };
        for (int i = 0; i < parsed.Length; i++)
        {
            parsed[i] = parsed[i] with { Faults = all };
        }

        foreach (string text in faults)
        {
            Apply(text, parsed);
        }

        return parsed;
    }

    private static LineOptions Line(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && IPEndPoint.TryParse(text.AsSpan(equals + 1), out IPEndPoint? group) && text.AsSpan(equals).Contains(':')
            ? new LineOptions(text[..equals], group.Address, group.Port)
            : throw new UsageException($"--line '{text}' is not NAME=GROUP:PORT; write it as A=239.192.1.1:26477");
    }

    private static void Apply(string text, LineOptions[] lines)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon > 0 ? text[..colon] : throw Unreadable(text);
        bool found = false;
        for (int i = 0; i < lines.Length; i++)
        {
            if (name == "*" || name == lines[i].Name)
            {
                found = true;
                LiveFaults faults = lines[i].Faults;
                foreach (string part in text[(colon + 1)..].Split(','))
                {
                    faults = With(faults, part, text);
                }

                lines[i] = lines[i] with { Faults = faults };
            }
        }

        if (!found)
        {
            string names = string.Join(", ", lines.Select(line => line.Name));
            throw new UsageException($"--fault '{text}' names no line; the lines are {names}, and '*' is all of them");
        }
    }

    private static LiveFaults With(LiveFaults faults, string part, string text)
    {
        string[] pair = part.Split('=');
        if (pair.Length != 2)
        {
            throw Unreadable(text);
        }

        return pair[0] switch
        {
            "loss" => faults with { Loss = Number(pair[1], text) },
            "dup" => faults with { Duplication = Number(pair[1], text) },
            "reorder" => faults with { Reordering = Number(pair[1], text) },
            "depth" => faults with { ReorderDepth = (int)Math.Clamp(Number(pair[1], text), -1, int.MaxValue) },
            "delay" => faults with { Delay = Number(pair[1], text) },
            "spike-ms" => faults with { DelaySpike = TimeSpan.FromMilliseconds(Math.Clamp(Number(pair[1], text), -1, int.MaxValue)) },
            "silent" => faults with { Silences = [.. faults.Silences, Silence(pair[1], text)] },
            _ => throw Unreadable(text),
        };
    }

    private static Silence Silence(string value, string text)
    {
        string[] ends = value.Split('-');
        return ends.Length == 2
            && ulong.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong first)
            && ulong.TryParse(ends[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong last)
            ? new Silence(first, last)
            : throw Unreadable(text);
    }

    private static double Number(string value, string text) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Unreadable(text);

    private static UsageException Unreadable(string text) =>
        new($"--fault '{text}' cannot be read; write it as A:loss=0.01,dup=0.001,reorder=0.01,depth=3,delay=0.001,spike-ms=2,silent=1000-2000");
}
