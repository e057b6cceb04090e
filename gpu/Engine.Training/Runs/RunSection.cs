using System.Globalization;
using System.Text.Json;
using Engine.Core.Text;

namespace Engine.Training.Runs;

/// <summary>
/// One object of a run's configuration. Values are asked for by key; <see cref="Finish"/> refuses what nobody asked for with the nearest
/// key that somebody did, so that a misspelt one is never a silent default.
/// </summary>
internal sealed class RunSection
{
    private const int MostShown = 80;
    private const int LongestKey = 64;
    private const int MostMissing = 2;

    private static readonly JsonElement s_empty = JsonDocument.Parse("{}").RootElement;

    private readonly string _file;
    private readonly string _path;
    private readonly JsonElement _object;
    private readonly List<string> _known = [];

    /// <param name="file">The file, for messages.</param>
    /// <param name="path">Where in it; empty for the whole.</param>
    /// <param name="value">The value there.</param>
    /// <exception cref="RunException">It is no object, or says a key twice.</exception>
    public RunSection(string file, string path, JsonElement value)
    {
        (_file, _path, _object) = (file, path, value);
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new RunException($"{file}: {(path.Length == 0 ? "the file" : path)} must be an object, {{ … }}");
        }

        if (value.EnumerateObject().GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Wrong(twice.Key, "is there twice; keep one");
        }
    }

    /// <summary>Whether a key is there, and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>A text with something in it; null where it is absent.</summary>
    public string? Text(string key) => !TryGet(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && !text.Any(char.IsControl) ? text
        : throw Wrong(key, "must be a text in quotes, on one line and not empty");

    /// <summary>A text that must be there.</summary>
    public string Required(string key) => Text(key) ?? throw Missing(key, "it must be a text");

    /// <summary>One of some words, as its place among them.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">Its place where it is absent; below 0 where it must be there.</param>
    /// <param name="words">What it may be.</param>
    public int Word(string key, int otherwise, IReadOnlyList<string> words)
    {
        if (Text(key) is not { } text)
        {
            return otherwise >= 0 ? otherwise : throw Missing(key, $"it must be one of {string.Join(", ", words)}");
        }

        int place = words.ToList().IndexOf(text);
        return place >= 0 ? place : throw Wrong(key, $"is '{Shown(text)}'; {Hint(text, words)}");
    }

    /// <summary>A whole number within bounds.</summary>
    public long Integer(string key, long otherwise, long least, long most) => !TryGet(key, out JsonElement value) ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= least && number <= most ? number
        : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number in {least} to {most}"));

    /// <summary>A number.</summary>
    public double Number(string key, double otherwise) => Optional(key) ?? otherwise;

    /// <summary>A number; null where it is absent.</summary>
    public double? Optional(string key) => !TryGet(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
        : throw Wrong(key, "must be a number");

    /// <summary>Yes or no.</summary>
    public bool Flag(string key, bool otherwise) => !TryGet(key, out JsonElement value) ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(key, "must be true or false");

    /// <summary>A list of texts; null where it is absent.</summary>
    public string[]? Texts(string key) => !TryGet(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(e => e.GetString()!)]
            : throw Wrong(key, "must be a list of texts, [\"a\", \"b\"]");

    /// <summary>A list of whole numbers of at least 1; what stands for it where it is absent.</summary>
    public int[] Sizes(string key, int[] otherwise)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return otherwise;
        }

        int number = 0;
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out number) && number > 0)
            ? [.. value.EnumerateArray().Select(e => e.GetInt32())]
            : throw Wrong(key, "must be a list of whole numbers from 1, [10, 10]");
    }

    /// <summary>An object inside; an empty one where it is absent.</summary>
    public RunSection Section(string key) => TryGet(key, out JsonElement value) ? new RunSection(_file, PathOf(key), value) : new RunSection(_file, PathOf(key), s_empty);

    /// <summary>A list of objects; empty where it is absent.</summary>
    public IReadOnlyList<RunSection> Sections(string key) => !TryGet(key, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select((e, i) => new RunSection(_file, string.Create(CultureInfo.InvariantCulture, $"{PathOf(key)}[{i}]"), e))]
            : throw Wrong(key, "must be a list of objects, [{ … }]");

    /// <summary>An error of this section.</summary>
    public RunException Wrong(string key, string words) => new($"{_file}: {PathOf(Shown(key))} {words}");

    /// <summary>Refuses keys that nobody asked for, with the nearest one that was.</summary>
    public void Finish()
    {
        foreach (JsonProperty property in _object.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
            {
                throw Wrong(property.Name, $"is not known; {Hint(property.Name, _known)}");
            }
        }
    }

    private static string Shown(string text) =>
        string.Concat(text.Take(MostShown).Select(c => char.IsControl(c) ? '?' : c)) + (text.Length > MostShown ? "…" : "");

    private static string Hint(string unknown, IReadOnlyList<string> words)
    {
        string? nearest = unknown.Length is 0 or > LongestKey ? null : words.MinBy(word => EditDistance.Of(word, unknown));
        return nearest is not null && EditDistance.Of(nearest, unknown) <= Math.Max(MostMissing, (unknown.Length + 1) / 2)
            ? $"did you mean {nearest}?"
            : $"known are {string.Join(", ", words)}";
    }

    private RunException Missing(string key, string words)
    {
        string? near = _object.EnumerateObject().Select(p => p.Name)
            .FirstOrDefault(name => name != key && name.Length <= LongestKey && EditDistance.Of(key, name) <= MostMissing);
        return near is null ? Wrong(key, $"is missing; {words}") : Wrong(near, $"is not known; did you mean {key}?");
    }

    private bool TryGet(string key, out JsonElement value)
    {
        if (!_known.Contains(key))
        {
            _known.Add(key);
        }

        return _object.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";
}
