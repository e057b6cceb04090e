using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Engine.Core.Text;

namespace Engine.Features.Contracts;

/// <summary>
/// Reads a contract's file: JSON, comments allowed, with `name`, `sampling` (every-event unless said) and `families`, each a name or an object of
/// `family`, `levels`, `windows_ms`. Unknown keys and families are refused with the nearest known one. What it gives can be built.
/// </summary>
internal sealed class ContractReader
{
    /// <summary>Longest file, bytes.</summary>
    public const int MaxFileBytes = 1 << 20;

    private const int MaxDepth = 8;
    private const int LongestName = 64;
    private const int MostShown = 80;
    private const int MostSaid = 300;

    private readonly string _file;

    private ContractReader(string file) => _file = file;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">UTF-8, with or without a byte order mark.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ContractException">Anything is wrong with it; nothing else is thrown.</exception>
    public static ContractDefinition Read(ReadOnlyMemory<byte> text, string file)
    {
        var reader = new ContractReader(file);
        if (text.Length > MaxFileBytes)
        {
            throw reader.Wrong($"is longer than {MaxFileBytes:N0} bytes; this is no contract");
        }

        text = text.Span.StartsWith(Mark) ? text[Mark.Length..] : text;
        if (!Utf8.IsValid(text.Span))
        {
            throw reader.Wrong($"is not UTF-8; save it as UTF-8");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(
                text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
            return reader.Probed(reader.Definition(document.RootElement));
        }
        catch (JsonException e)
        {
            throw reader.Wrong($"is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {Shown(e.Message.Split(". LineNumber")[0], MostSaid)}");
        }
        catch (InvalidOperationException)
        {
            // The parser leaves texts unread until they are asked for; what cannot be read then is half of a pair of escapes.
            throw reader.Wrong($"holds a text that is not Unicode; look for an escape from \\ud800 to \\udfff without its other half");
        }
    }

    /// <summary>A text of a file as messages show it: on one line, and not too long.</summary>
    private static string Shown(string text, int most = MostShown) =>
        string.Concat((text.Length > most ? text[..most] : text).Select(c => char.IsControl(c) ? '?' : c)) + (text.Length > most ? "…" : "");

    private ContractDefinition Definition(JsonElement root)
    {
        Check(root, "", ["name", "sampling", "families"]);
        string name = Text(root, "", "name") ?? throw Wrong($"name is missing; it must be a text");
        if (name.Length is 0 or > LongestName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw Wrong($"name is '{Shown(name)}'; it must be 1 to {LongestName} letters, digits, '-', '_' or '.'");
        }

        string rule = Text(root, "", "sampling") ?? Sampling.EveryEvent.ToString();
        if (!Sampling.TryParse(rule, out Sampling sampling))
        {
            throw Wrong($"sampling is '{Shown(rule)}'; write every-event, every-N or grid-MS");
        }

        if (!root.TryGetProperty("families", out JsonElement families) || families.ValueKind != JsonValueKind.Array || families.GetArrayLength() == 0)
        {
            throw Wrong($"families must be a list of at least one family");
        }

        var choices = new List<FamilyChoice>();
        foreach (JsonElement family in families.EnumerateArray())
        {
            FamilyChoice choice = Family(family, string.Create(CultureInfo.InvariantCulture, $"families[{choices.Count}]"));
            int earlier = choices.FindIndex(c => c.Kind == choice.Kind);
            choices.Add(earlier < 0 ? choice
                : throw Wrong($"families[{choices.Count}] is {choice.Kind.Name}, which families[{earlier}] is already; name all its levels and windows in one"));
        }

        return new ContractDefinition(name, sampling, choices);
    }

    /// <summary>A definition that can be built.</summary>
    private ContractDefinition Probed(ContractDefinition definition)
    {
        try
        {
            _ = ContractDescription.Of(definition);
            return definition;
        }
        catch (ContractException e)
        {
            throw Wrong($"{e.Message}");
        }
    }

    private FamilyChoice Family(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return Kind(value.GetString()!, path).Default;
        }

        Check(value, path, ["family", "levels", "windows_ms"]);
        FamilyKind kind = Kind(Text(value, path, "family") ?? throw Wrong($"{path}.family is missing; it must be a text"), $"{path}.family");
        int levels = kind.Levels;
        if (value.TryGetProperty("levels", out JsonElement given))
        {
            levels = kind.Levels == 0 ? throw Wrong($"{path}.levels: family {kind.Name} has no choice of levels; leave it out")
                : given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out int number) ? number
                : throw Wrong($"{path}.levels must be a whole number, 1 to {TopLevels.Depth}");
        }

        IReadOnlyList<long> windows = value.TryGetProperty("windows_ms", out JsonElement list) ? Windows(list, kind, path) : kind.WindowNanos;
        return ContractLimits.Fault(kind, levels, [.. windows]) is { } fault ? throw Wrong($"{path}: {fault}") : new FamilyChoice(kind, levels, windows);
    }

    private long[] Windows(JsonElement list, FamilyKind kind, string path)
    {
        if (kind.Windows == FamilyWindows.None)
        {
            throw Wrong($"{path}.windows_ms: family {kind.Name} has no windows; leave it out");
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Wrong($"{path}.windows_ms must be a list of milliseconds, [1000, 5000]");
        }

        return [.. list.EnumerateArray().Select(w =>
            w.ValueKind == JsonValueKind.Number && w.TryGetInt64(out long millis) && millis is >= 1 and <= ContractLimits.MaxWindowMillis
                ? millis * ContractLimits.NanosPerMilli
                : throw Wrong($"{path}.windows_ms: {Shown(w.GetRawText())} is no whole number of milliseconds, 1 to {ContractLimits.MaxWindowMillis}"))];
    }

    private FamilyKind Kind(string name, string path) =>
        FamilyCatalogue.Find(name) ?? throw Wrong($"{path} is '{Shown(name)}', which is no family; {Hint(name, FamilyCatalogue.All.Select(k => k.Name))}");

    private string? Text(JsonElement parent, string path, string key) =>
        !parent.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong($"{(path.Length == 0 ? "" : $"{path}.")}{key} must be a text in quotes");

    private void Check(JsonElement value, string path, string[] known)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"{(path.Length == 0 ? "the file must be an object, { … }" : $"{path} must be a family's name, or an object, {{ … }}")}");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string name = property.Name;
            string at = $"{(path.Length == 0 ? "" : $"{path}.")}{Shown(name)}";
            if (!known.Contains(name))
            {
                throw Wrong($"{at} is not known; {Hint(name, known)}");
            }

            if (!seen.Add(name))
            {
                throw Wrong($"{at} is there twice; keep one");
            }
        }
    }

    private static string Hint(string word, IEnumerable<string> known)
    {
        string? nearest = word.Length > LongestName ? null : known.MinBy(k => EditDistance.Of(k, word));
        return nearest is not null && EditDistance.Of(nearest, word) <= (word.Length + 1) / 2
            ? $"did you mean {nearest}?"
            : $"known are {string.Join(", ", known)}";
    }

    private ContractException Wrong(FormattableString words) => new($"{_file}: {FormattableString.Invariant(words)}");
}
