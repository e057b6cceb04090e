using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Engine.Features;

/// <summary>One column of a contract.</summary>
/// <param name="Name">Unique, lower case with underscores, e.g. `ask_distance_level0`, `buy_volume_1.500000`.</param>
/// <param name="Family">The mechanism it belongs to: the silo.</param>
/// <param name="WindowNanos">Length of the window it looks back over, ns of exchange time; 0 where it has none.</param>
/// <param name="Unit">Unit of the raw value, e.g. `bps`, `shares`, `seconds`.</param>
public sealed record FeatureSpec(string Name, string Family, long WindowNanos, string Unit);

/// <summary>
/// The ordered list of features that a model reads, its sampling, and the SHA-256 over both.
/// Live, replay, dataset and model are held together by this hash: changing anything changes it.
/// </summary>
public sealed class FeatureContract
{
    /// <summary>Version of the canonical text below.</summary>
    public const int FormatVersion = 1;

    private readonly FeatureSpec[] _features;

    /// <exception cref="ArgumentException">No features, a name that occurs twice, or a text that is not well formed.</exception>
    public FeatureContract(string name, IEnumerable<FeatureSpec> features, string sampling)
    {
        Name = name;
        Sampling = sampling;
        _features = features.ToArray();
        if (_features.Length == 0)
        {
            throw new ArgumentException("A contract needs at least one feature.");
        }

        // The canonical text separates parts by these; a part that has one could stand for another contract.
        foreach (string part in _features.SelectMany(f => (string[])[f.Family, f.Unit]).Append(name).Append(sampling))
        {
            if (part.AsSpan().IndexOfAny("|\r\n") >= 0)
            {
                throw new ArgumentException($"'{part}' in a feature contract has a character that is not allowed.");
            }
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (FeatureSpec feature in _features)
        {
            if (feature.Name.Length == 0 || feature.Name.AsSpan().IndexOfAny(" \t\r\n,\"|") >= 0)
            {
                throw new ArgumentException($"Feature name '{feature.Name}' has a character that is not allowed.");
            }

            if (!seen.Add(feature.Name))
            {
                throw new ArgumentException($"Feature '{feature.Name}' occurs twice in the contract.");
            }
        }

        CanonicalText = Canonical(name, _features, sampling);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalText)));
    }

    /// <summary>The contract's name, e.g. `default`.</summary>
    public string Name { get; }

    /// <summary>When a row is taken: `every-event`, `every-N` or `grid-MS`.</summary>
    public string Sampling { get; }

    /// <summary>The features, in order.</summary>
    public ReadOnlySpan<FeatureSpec> Features => _features;

    /// <summary>How many features a row has.</summary>
    public int Count => _features.Length;

    /// <summary>The text that the hash is over: a head line, then a line a feature.</summary>
    public string CanonicalText { get; }

    /// <summary>SHA-256 of <see cref="CanonicalText"/> in UTF-8, lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>Index of a feature by name, or −1.</summary>
    public int IndexOf(string name) => Array.FindIndex(_features, f => string.Equals(f.Name, name, StringComparison.Ordinal));

    /// <summary>The families in order of first appearance.</summary>
    public IEnumerable<string> Families => _features.Select(f => f.Family).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// Compares with another contract; null when both are the same, otherwise one line that names the first difference.
    /// </summary>
    public string? FirstDifference(FeatureContract other)
    {
        for (int i = 0; i < Math.Min(Count, other.Count); i++)
        {
            if (_features[i] != other._features[i])
            {
                return $"feature {i}: {Describe(_features[i])} here, {Describe(other._features[i])} there";
            }
        }

        if (Count != other.Count)
        {
            FeatureSpec extra = Count > other.Count ? _features[other.Count] : other._features[Count];
            return $"feature {Math.Min(Count, other.Count)}: '{extra.Name}' only {(Count > other.Count ? "here" : "there")} ({Count} features here, {other.Count} there)";
        }

        return !string.Equals(Sampling, other.Sampling, StringComparison.Ordinal) ? $"sampling: '{Sampling}' here, '{other.Sampling}' there"
            : !string.Equals(Name, other.Name, StringComparison.Ordinal) ? $"contract name: '{Name}' here, '{other.Name}' there"
            : null;
    }

    private static string Describe(FeatureSpec f) =>
        string.Create(CultureInfo.InvariantCulture, $"'{f.Name}' ({f.Family}, window {f.WindowNanos} ns, {f.Unit})");

    private static string Canonical(string name, FeatureSpec[] features, string sampling)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"engine-feature-contract|{FormatVersion}|{name}|{sampling}|{features.Length}\n");
        foreach (FeatureSpec f in features)
        {
            text.Append(CultureInfo.InvariantCulture, $"{f.Name}|{f.Family}|{f.WindowNanos}|{f.Unit}\n");
        }

        return text.ToString();
    }
}
