using System.Globalization;
using System.Net;
using System.Text.Json;
using Engine.Core.Text;

namespace Engine.Host.Configuration;

/// <summary>
/// One object of a configuration file. Values are asked for by name; <see cref="Finish"/> refuses what nobody asked for, so a
/// misspelt key is never a silent default. Errors name the file, the key's path, the value and what is allowed.
/// </summary>
internal sealed class ConfigurationSection
{
    private const int MostShown = 80, LongestKey = 64, MostMissing = 2;
    private const string Secret = "password";

    private readonly string _file;
    private readonly string _path;
    private readonly JsonElement _object;
    private readonly List<string> _known = [];

    /// <param name="file">The file, for messages.</param>
    /// <param name="path">Where in the file; empty for the whole.</param>
    /// <param name="value">The value there.</param>
    /// <exception cref="HostException">The value is no object, or says a key twice.</exception>
    public ConfigurationSection(string file, string path, JsonElement value)
    {
        _file = file;
        _path = path;
        _object = value;
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new HostException(ExitCodes.Usage, $"{file}: {(path.Length == 0 ? "the file" : path)} must be an object, {{ … }}, not {Kind(value)}");
        }

        string? twice = value.EnumerateObject().GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw Wrong(twice, "is there twice; keep one");
        }
    }

    /// <summary>Whether a key is there, and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>A text, or what stands for it when it is absent.</summary>
    public string? Text(string key, string? otherwise = null) => TryGet(key, out JsonElement value)
        ? value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw Wrong(key, $"must be a text in quotes{(key == Secret ? "" : $", not {Kind(value)}")}")
        : otherwise;

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string key) => Name(key) ?? throw Missing(key, "it must be a text");

    /// <summary>A text on one line, with something in it: a name or a path; null when it is absent.</summary>
    public string? Name(string key) => Text(key) is { } text ? CheckName(key, text) : null;

    /// <summary>One of some words.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">What stands for it when it is absent; null where it must be there.</param>
    /// <param name="words">What it may be.</param>
    public string OneOf(string key, string? otherwise, params ReadOnlySpan<string> words)
    {
        string allowed = $"it must be one of {string.Join(", ", words!)}";
        string text = Text(key, otherwise) ?? throw Missing(key, allowed);
        return words.Contains(text) ? text : throw Wrong(key, $"is {Shown(text)}; {allowed}");
    }

    /// <summary>A whole number within bounds.</summary>
    public long Number(string key, long otherwise, long least, long most)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return otherwise;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number))
        {
            throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number in {least} to {most}, not {Kind(value)}"));
        }

        return number >= least && number <= most
            ? number
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"is {number}; it must lie in {least} to {most}"));
    }

    /// <summary>Yes or no.</summary>
    public bool Flag(string key, bool otherwise) => !TryGet(key, out JsonElement value) ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(key, $"must be true or false, not {Kind(value)}");

    /// <summary>A list of texts; null when it is absent.</summary>
    public string[]? Texts(string key) => !TryGet(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select((e, i) => CheckName($"{key}[{i}]", e.GetString()!))]
            : throw Wrong(key, "must be a list of texts, [\"A\", \"B\"]");

    /// <summary>A list of whole numbers; empty when it is absent.</summary>
    public int[] Numbers(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return [];
        }

        int number = 0;
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out number))
            ? [.. value.EnumerateArray().Select(e => e.GetInt32())]
            : throw Wrong(key, "must be a list of whole numbers, [1, 0]");
    }

    /// <summary>An object inside; null when it is absent.</summary>
    public ConfigurationSection? Section(string key) =>
        TryGet(key, out JsonElement value) ? new ConfigurationSection(_file, PathOf(key), value) : null;

    /// <summary>A list of objects that must have at least one.</summary>
    public IReadOnlyList<ConfigurationSection> Sections(string key) =>
        !TryGet(key, out JsonElement value) ? throw Missing(key, "it must be a list with at least one object, [{ … }]")
        : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? [.. value.EnumerateArray().Select((e, i) => new ConfigurationSection(_file, $"{PathOf(key)}[{i}]", e))]
            : throw Wrong(key, $"must be a list with at least one object, [{{ … }}], not {Kind(value)}");

    /// <summary>An IPv4 address; null when it is absent.</summary>
    public IPAddress? Address(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        // Its own text again, so that no part is read as octal or hexadecimal, and none is left out.
        return IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            && address.ToString() == text
            ? address
            : throw Wrong(key, $"is {Shown(text)}; write an IPv4 address such as 239.192.1.1");
    }

    /// <summary>The IPv4 address and port of a server that must be there.</summary>
    public IPEndPoint EndPoint(string key)
    {
        const string Example = "an IPv4 address and a port, such as 10.0.0.1:26478";
        string text = Text(key) ?? throw Missing(key, $"write {Example}");
        return IPEndPoint.TryParse(text, out IPEndPoint? point) && point.ToString() == text && point.Port != 0
            && point.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && IsOneHost(point.Address)
            ? point
            : throw Wrong(key, $"is {Shown(text)}; write {Example}");
    }

    /// <summary>Whether an address is one host's, not a group's and not everybody's.</summary>
    public static bool IsOneHost(IPAddress address) => address.GetAddressBytes()[0] is > 0 and < 224;

    /// <summary>An error of this section.</summary>
    public HostException Wrong(string key, string words) => new(ExitCodes.Usage, $"{_file}: {PathOf(Printable(key))} {words}");

    /// <summary>The error that a key must be there and is not; one that is there and nearly the same is what was meant.</summary>
    public HostException Missing(string key, string words)
    {
        string? near = _object.EnumerateObject().Select(p => p.Name)
            .FirstOrDefault(name => name != key && name.Length <= LongestKey && EditDistance.Of(key, name) <= MostMissing);
        return near is null ? Wrong(key, $"is missing; {words}") : Wrong(near, $"is not known; did you mean {key}?");
    }

    /// <summary>A text of the file as messages show it: on one line, and not too long.</summary>
    public static string Shown(string text) => text.Length <= MostShown ? $"'{Printable(text)}'" : $"'{Printable(text[..MostShown])}…'";

    /// <summary>Refuses keys that nobody asked for, with the nearest one that was.</summary>
    public void Finish()
    {
        foreach (JsonProperty property in _object.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
            {
                throw Wrong(property.Name, $"is not known; {Hint(property.Name)}");
            }
        }
    }

    private string Hint(string unknown)
    {
        string? nearest = unknown.Length is 0 or > LongestKey ? null
            : _known.Find(known => known.StartsWith(unknown, StringComparison.OrdinalIgnoreCase)) ?? _known.MinBy(known => EditDistance.Of(known, unknown));
        return nearest is not null && (nearest.StartsWith(unknown, StringComparison.OrdinalIgnoreCase)
                || EditDistance.Of(nearest, unknown) <= Math.Max(MostMissing, (unknown.Length + 1) / 2))
            ? $"did you mean {nearest}?"
            : $"known are {string.Join(", ", _known)}";
    }

    private string CheckName(string key, string text) =>
        string.IsNullOrWhiteSpace(text) ? throw Wrong(key, $"is {Shown(text)}; write a text, or leave it out")
        : text.Any(char.IsControl) ? throw Wrong(key, $"is {Shown(text)}; it must be on one line, without control characters")
        : text;

    private static string Printable(string text) =>
        string.Concat((text.Length > MostShown ? text[..MostShown] : text).Select(c => char.IsControl(c) ? '?' : c));

    private bool TryGet(string key, out JsonElement value)
    {
        if (!_known.Contains(key))
        {
            _known.Add(key);
        }

        return _object.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the text {Shown(value.GetString()!)}",
        JsonValueKind.Number => $"the number {(value.GetRawText() is { Length: <= MostShown } digits ? digits : "of more digits than there is room for")}",
        JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => "null",
    };
}
