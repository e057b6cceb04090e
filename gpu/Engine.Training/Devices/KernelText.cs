using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Engine.Training.Devices;

/// <summary>A kernel source as one text for a compiler, which counts lines by each file's own, and the compiler's words turned back to those lines.</summary>
internal sealed partial class KernelText
{
    // A compiler may say the same of hundreds of places.
    private const int MaxShown = 20;

    private readonly Dictionary<string, string[]> _lines = [];
    private readonly string _name;

    /// <param name="source">What the kernels say.</param>
    /// <param name="prelude">The language's: a file of Devices/Preludes.</param>
    /// <param name="facts">What the device defines, e.g. `HAS_FLOAT64`; before the source's constants.</param>
    public KernelText(KernelSource source, string prelude, IEnumerable<string> facts)
    {
        _name = source.Name;
        var text = new StringBuilder();
        foreach (string fact in facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"#define {fact} 1\n");
        }

        foreach ((string name, string value) in source.Constants)
        {
            text.Append(CultureInfo.InvariantCulture, $"#define {name} {value}\n");
        }

        foreach ((string file, string body) in (IEnumerable<(string, string)>)[(prelude, Prelude(prelude)), ("common.h", Prelude("common.h")), .. source.Files])
        {
            _lines[file] = body.Split('\n');
            text.Append(CultureInfo.InvariantCulture, $"#line 1 \"{file}\"\n{body}\n");
        }

        Text = text.ToString();
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>What a compiler said of it as a message: each complaint with the line it is about.</summary>
    /// <param name="compiler">Who says it.</param>
    /// <param name="log">What it said.</param>
    public string Complaint(string compiler, string log)
    {
        var message = new StringBuilder($"{compiler} refuses '{_name}':");
        int shown = 0, left = 0;
        foreach (string said in log.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Match place = Place().Match(said);
            string words = place.Groups["severity"].Value + place.Groups["words"].Value;
            if (!Severe().IsMatch(words) || !_lines.TryGetValue(place.Groups["file"].Value, out string[]? lines))
            {
                continue;
            }

            if (++shown > MaxShown)
            {
                left++;
                continue;
            }

            int line = int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture);
            message.Append(CultureInfo.InvariantCulture, $"\n{place.Groups["file"].Value}:{line}: {words}");
            message.Append(line <= lines.Length ? "\n    " + lines[line - 1].Trim() : "");
        }

        // A linker, or a compiler that gives no lines.
        return shown == 0 ? $"{message} {log.Trim()}" : message.Append(left > 0 ? $"\nand {left} more" : "").ToString();
    }

    private static string Prelude(string file)
    {
        using Stream stream = typeof(KernelText).Assembly.GetManifestResourceStream("Engine.Training.Devices.Preludes." + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    // Clang: file.cl:14:5: error: …; PoCL: error: file.cl:14:5: …; NVRTC: file.cl(14): error: …. Carets and quoted lines are no places.
    [GeneratedRegex(@"^(?<severity>[a-z ]+: )?(?:.*/)?(?<file>[\w.-]+)(?::(?<line>\d{1,9}):(?:\d+:)?|\((?<line>\d{1,9})\) *:) *(?<words>.*)$")]
    private static partial Regex Place();

    // Notes are left out.
    [GeneratedRegex("^(?:catastrophic |fatal )?(?:error|warning)")]
    private static partial Regex Severe();
}
