using System.Globalization;
using System.Text.Json;
using Engine.Core.Text;
using Engine.Features.Families;

namespace Engine.Features.Contracts;

/// <summary>
/// Reads a contract's file: JSON, comments allowed, with `name`, `sampling` (every-event unless said) and `families`, each a name or an object of
/// `family`, `levels`, `windows_ms`. Unknown keys and families are refused with the nearest known one.
/// </summary>
internal static class ContractReader
{
    /// <summary>Most windows of a family.</summary>
    public const int MaxWindows = 16;

    private const long MaxWindowMillis = 3_600_000;
    private const long NanosPerMilli = 1_000_000;
    private const int LongestName = 64;

    /// <summary>Reads a file.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ContractException">Anything is wrong with it.</exception>
    public static ContractDefinition Read(ReadOnlyMemory<byte> text, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Read(document.RootElement, file);
        }
        catch (JsonException e)
        {
            throw new ContractException($"{file}: not JSON: {e.Message}");
        }
    }

    /// <summary>What is wrong with a choice, or null.</summary>
    public static string? Fault(FamilyKind kind, int levels, ReadOnlySpan<long> windowNanos)
    {
        if (kind.Levels > 0 && levels is < 1 or > TopLevels.Depth)
        {
            return string.Create(CultureInfo.InvariantCulture, $"levels is {levels}; it must be 1 to {TopLevels.Depth}");
        }

        if (kind.Windows != FamilyWindows.None && windowNanos.Length is < 1 or > MaxWindows)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it has {windowNanos.Length} windows; it must have 1 to {MaxWindows}");
        }

        for (int i = 0; i < windowNanos.Length; i++)
        {
            if (windowNanos[i] < NanosPerMilli || windowNanos[i] > MaxWindowMillis * NanosPerMilli || windowNanos[i] % NanosPerMilli != 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"a window is {windowNanos[i]} ns; windows are whole milliseconds, 1 to {MaxWindowMillis}");
            }

            if (i > 0 && windowNanos[i] <= windowNanos[i - 1])
            {
                return string.Create(CultureInfo.InvariantCulture, $"a window of {windowNanos[i] / NanosPerMilli} ms comes after one of {windowNanos[i - 1] / NanosPerMilli}; the shortest comes first, each once");
            }
        }

        return null;
    }

    private static ContractDefinition Read(JsonElement root, string file)
    {
        Check(root, file, "the file", ["name", "sampling", "families"]);
        string name = Text(root, "name", file) ?? throw new ContractException($"{file}: name is missing; it must be a text");
        if (name.Length is 0 or > LongestName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ContractException($"{file}: name is '{name}'; it must be 1 to {LongestName} letters, digits, '-', '_' or '.'");
        }

        string rule = Text(root, "sampling", file) ?? "every-event";
        if (!Sampling.TryParse(rule, out Sampling sampling))
        {
            throw new ContractException($"{file}: sampling is '{rule}'; write every-event, every-N or grid-MS");
        }

        if (!root.TryGetProperty("families", out JsonElement families) || families.ValueKind != JsonValueKind.Array || families.GetArrayLength() == 0)
        {
            throw new ContractException($"{file}: families must be a list of at least one family");
        }

        var choices = new List<FamilyChoice>();
        foreach (JsonElement family in families.EnumerateArray())
        {
            choices.Add(Family(family, string.Create(CultureInfo.InvariantCulture, $"families[{choices.Count}]"), file));
        }

        return new ContractDefinition(name, sampling, choices);
    }

    private static FamilyChoice Family(JsonElement value, string path, string file)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return Kind(value.GetString()!, path, file).Default;
        }

        Check(value, file, path, ["family", "levels", "windows_ms"]);
        FamilyKind kind = Kind(Text(value, "family", file) ?? throw new ContractException($"{file}: {path}.family is missing; it must be a text"), path, file);
        int levels = kind.Levels;
        if (value.TryGetProperty("levels", out JsonElement given))
        {
            levels = kind.Levels == 0 ? throw new ContractException($"{file}: {path}.levels: family {kind.Name} has no choice of levels")
                : given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out int number) ? number
                : throw new ContractException($"{file}: {path}.levels must be a whole number, 1 to {TopLevels.Depth}");
        }

        IReadOnlyList<long> windows = value.TryGetProperty("windows_ms", out JsonElement list) ? Windows(list, kind, path, file) : kind.WindowNanos;
        return Fault(kind, levels, [.. windows]) is { } fault
            ? throw new ContractException($"{file}: {path}: {fault}")
            : new FamilyChoice(kind, levels, windows);
    }

    private static long[] Windows(JsonElement list, FamilyKind kind, string path, string file)
    {
        if (kind.Windows == FamilyWindows.None)
        {
            throw new ContractException($"{file}: {path}.windows_ms: family {kind.Name} has no windows");
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new ContractException($"{file}: {path}.windows_ms must be a list of milliseconds");
        }

        return [.. list.EnumerateArray().Select(w => w.ValueKind == JsonValueKind.Number && w.TryGetInt64(out long millis) && millis is >= 1 and <= MaxWindowMillis
            ? millis * NanosPerMilli
            : throw new ContractException($"{file}: {path}.windows_ms: {w.GetRawText()} is no whole number of milliseconds, 1 to {MaxWindowMillis}"))];
    }

    private static FamilyKind Kind(string name, string path, string file) =>
        FamilyCatalogue.Find(name) ?? throw new ContractException($"{file}: {path} is '{name}', which is no family; {Hint(name, FamilyCatalogue.All.Select(k => k.Name))}");

    private static string? Text(JsonElement parent, string key, string file) =>
        !parent.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new ContractException($"{file}: {key} must be a text in quotes");

    private static void Check(JsonElement value, string file, string path, string[] known)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new ContractException($"{file}: {path} must be an object, {{ … }}{(path == "the file" ? "" : ", or a family's name")}");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                throw new ContractException($"{file}: {property.Name} in {path} is not known; {Hint(property.Name, known)}");
            }

            if (!seen.Add(property.Name))
            {
                throw new ContractException($"{file}: {property.Name} in {path} is there twice; keep one");
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
}
