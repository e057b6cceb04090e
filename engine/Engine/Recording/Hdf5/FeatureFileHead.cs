using System.Globalization;
using System.Text.Json;
using Engine.Core.Hdf5;
using Engine.Features;

namespace Engine.Recording.Hdf5;

/// <summary>What a file's rows were made from.</summary>
public sealed record FeatureFileHead
{
    /// <summary>The contract of the rows.</summary>
    public required FeatureContract Contract { get; init; }

    /// <summary>The captures, in the order they were given.</summary>
    public required IReadOnlyList<LoggedFile> Captures { get; init; }

    /// <summary>The options that decided the rows; how models run is not among them, and has its default.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>The engine that wrote it.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>Writes it to the root.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(Hdf5File file)
    {
        Hdf5Attributes.Write(file, FeatureFileFormat.Format, FeatureFileFormat.Name);
        Hdf5Attributes.Write(file, FeatureFileFormat.FormatVersion, FeatureFileFormat.Version);
        Hdf5Attributes.Write(file, FeatureFileFormat.EngineVersion, EngineVersion);
        FeatureSpec[] features = Contract.Features.ToArray();
        Hdf5Attributes.Write(file, FeatureFileFormat.ContractName, Contract.Name);
        Hdf5Attributes.Write(file, FeatureFileFormat.ContractHash, Contract.Hash);
        Hdf5Attributes.Write(file, FeatureFileFormat.ContractText, Contract.CanonicalText);
        Hdf5Attributes.Write(file, FeatureFileFormat.SamplingRule, Contract.Sampling);
        Hdf5Attributes.Write(file, FeatureFileFormat.Families, [.. features.Select(f => f.Family)]);
        Hdf5Attributes.Write(file, FeatureFileFormat.Windows, [.. features.Select(f => f.WindowNanos)]);
        Hdf5Attributes.Write(file, FeatureFileFormat.Units, [.. features.Select(f => f.Unit)]);
        Hdf5Attributes.Write(file, FeatureFileFormat.CaptureNames, [.. Captures.Select(c => c.Name)]);
        Hdf5Attributes.Write(file, FeatureFileFormat.CaptureBytes, [.. Captures.Select(c => c.Bytes)]);
        Hdf5Attributes.Write(file, FeatureFileFormat.CaptureHashes, [.. Captures.Select(c => c.Sha256)]);
        Hdf5Attributes.Write(file, FeatureFileFormat.Configuration, Configuration.CanonicalJson);
        Hdf5Attributes.Write(file, FeatureFileFormat.ConfigurationHash, Configuration.Hash);
    }

    /// <summary>Reads it, and holds its parts against its hashes.</summary>
    /// <param name="file">A file that says it holds feature rows.</param>
    /// <param name="names">Names of the features, which are a dataset of their own.</param>
    /// <exception cref="Hdf5Exception">A part is missing or does not fit the others.</exception>
    public static FeatureFileHead Read(Hdf5File file, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(names);
        if (Text(file, FeatureFileFormat.FormatVersion) is { } version && version != FeatureFileFormat.Version.ToString(CultureInfo.InvariantCulture))
        {
            throw new Hdf5Exception($"{file.Path}: its layout is version {version}; this build reads version {FeatureFileFormat.Version}");
        }

        FeatureContract contract = ReadContract(file, names);
        return new FeatureFileHead
        {
            Contract = contract,
            Captures = ReadCaptures(file),
            Configuration = ReadConfiguration(file),
            EngineVersion = Text(file, FeatureFileFormat.EngineVersion),
        };
    }

    private static FeatureContract ReadContract(Hdf5File file, IReadOnlyList<string> names)
    {
        string hash = Text(file, FeatureFileFormat.ContractHash);
        IReadOnlyList<string> families = List(file, FeatureFileFormat.Families, names.Count);
        IReadOnlyList<long> windows = Numbers(file, FeatureFileFormat.Windows, names.Count);
        IReadOnlyList<string> units = List(file, FeatureFileFormat.Units, names.Count);
        try
        {
            var contract = new FeatureContract(
                Text(file, FeatureFileFormat.ContractName), names.Select((n, i) => new FeatureSpec(n, families[i], windows[i], units[i])),
                Text(file, FeatureFileFormat.SamplingRule));
            return contract.Hash == hash && contract.CanonicalText == Text(file, FeatureFileFormat.ContractText)
                ? contract
                : throw new Hdf5Exception($"{file.Path}: its contract is damaged: the hash is {hash}, that of its features {contract.Hash}");
        }
        catch (ArgumentException e)
        {
            throw new Hdf5Exception($"{file.Path}: its contract is damaged: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static LoggedFile[] ReadCaptures(Hdf5File file)
    {
        IReadOnlyList<string> names = Hdf5Attributes.Find(file, FeatureFileFormat.CaptureNames)?.Values ?? [];
        IReadOnlyList<long> bytes = Numbers(file, FeatureFileFormat.CaptureBytes, names.Count);
        IReadOnlyList<string> hashes = List(file, FeatureFileFormat.CaptureHashes, names.Count);
        return [.. names.Select((n, i) => new LoggedFile(n, bytes[i], hashes[i]))];
    }

    private static RunConfiguration ReadConfiguration(Hdf5File file)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(Text(file, FeatureFileFormat.Configuration));
            RunConfiguration configuration = RunConfiguration.Parse(json.RootElement);
            string hash = Text(file, FeatureFileFormat.ConfigurationHash);
            return configuration.Hash == hash
                ? configuration
                : throw new Hdf5Exception($"{file.Path}: its configuration hash {hash} is not that of its configuration, {configuration.Hash}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new Hdf5Exception($"{file.Path}: its configuration is not readable ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    private static string Text(Hdf5File file, string name) => Hdf5Attributes.Find(file, name) is { Values: [string text] }
        ? text
        : throw new Hdf5Exception($"{file.Path}: it says {FeatureFileFormat.Name}, but has no attribute {name}");

    private static IReadOnlyList<string> List(Hdf5File file, string name, int count)
    {
        IReadOnlyList<string> values = count == 0 ? [] : Hdf5Attributes.Find(file, name)?.Values ?? [];
        return values.Count == count
            ? values
            : throw new Hdf5Exception(FormattableString.Invariant($"{file.Path}: its attribute {name} has {values.Count} values where there must be {count}"));
    }

    private static long[] Numbers(Hdf5File file, string name, int count) =>
        [.. List(file, name, count).Select(v => long.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new Hdf5Exception($"{file.Path}: its attribute {name} holds '{v}', which is no whole number"))];
}
