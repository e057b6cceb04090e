using Engine.Features.Families;

namespace Engine.Features.Contracts;

/// <summary>
/// Which families a contract has, with which levels and windows, in which order. The contracts that come with the engine and a user's own
/// are files of one format, read by <see cref="ContractReader"/>.
/// </summary>
public sealed class ContractDefinition
{
    /// <summary>Most features of a contract.</summary>
    public const int MaxFeatures = 1_024;

    private const string ResourcePrefix = "contract.";
    private const string Ending = ".json";

    internal ContractDefinition(string name, Sampling sampling, IReadOnlyList<FamilyChoice> families)
    {
        Name = name;
        Sampling = sampling;
        Families = families;
    }

    /// <summary>The contract's name.</summary>
    public string Name { get; }

    /// <summary>When rows are taken unless it is said otherwise.</summary>
    public Sampling Sampling { get; }

    /// <summary>The families, in order.</summary>
    internal IReadOnlyList<FamilyChoice> Families { get; }

    /// <summary>The contracts that come with the engine.</summary>
    public static IReadOnlyList<string> Names { get; } = ["default", "small", "bitmex", "snapshot"];

    /// <summary>A contract by the name of one that comes with the engine, or else by the path of a file.</summary>
    /// <exception cref="ContractException">There is no such contract, or its file is wrong.</exception>
    public static ContractDefinition Load(string nameOrPath)
    {
        if (Names.Contains(nameOrPath))
        {
            return BuiltIn(nameOrPath);
        }

        if (!IsFile(nameOrPath) && !File.Exists(nameOrPath))
        {
            throw new ContractException($"there is no feature contract '{nameOrPath}'; there are {string.Join(", ", Names)}, or name a {Ending} file");
        }

        ContractDefinition definition = ContractReader.Read(Bytes(nameOrPath), nameOrPath);
        return Names.Contains(definition.Name)
            ? throw new ContractException($"{nameOrPath}: name is '{definition.Name}', which comes with the engine; give it another")
            : definition;
    }

    /// <summary>Whether a path has the ending of a contract's file.</summary>
    public static bool IsFile(string path) => path.EndsWith(Ending, StringComparison.Ordinal);

    /// <summary>Reads the text of a contract's file.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="ContractException">Anything is wrong with it.</exception>
    public static ContractDefinition Parse(string json, string file) => ContractReader.Read(System.Text.Encoding.UTF8.GetBytes(json), file);

    /// <summary>A contract that comes with the engine.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static ContractDefinition BuiltIn(string name)
    {
        using Stream stream = typeof(ContractDefinition).Assembly.GetManifestResourceStream(ResourcePrefix + name)
            ?? throw new ContractException($"there is no feature contract '{name}'; there are {string.Join(", ", Names)}");
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return ContractReader.Read(text, name + Ending);
    }

    /// <summary>
    /// The definition behind a contract that a model carries, so that a model runs without the file that its contract came from. That the
    /// engine's families make the very same columns is for the caller to see: <see cref="FeatureContract.FirstDifference"/>.
    /// </summary>
    /// <exception cref="ContractException">A family or a sampling that this engine does not have.</exception>
    public static ContractDefinition Of(FeatureContract contract)
    {
        if (!Sampling.TryParse(contract.Sampling, out Sampling sampling))
        {
            throw new ContractException($"its sampling '{contract.Sampling}' is none of every-event, every-N, grid-MS");
        }

        var families = new List<FamilyChoice>();
        ReadOnlySpan<FeatureSpec> specs = contract.Features;
        while (specs.Length > 0)
        {
            string name = specs[0].Family;
            int count = 1;
            while (count < specs.Length && string.Equals(specs[count].Family, name, StringComparison.Ordinal))
            {
                count++;
            }

            FamilyChoice choice = Choice(name, specs[..count], contract.Count - specs.Length);
            families.Add(families.TrueForAll(c => c.Kind != choice.Kind) ? choice
                : throw new ContractException($"its feature {contract.Count - specs.Length}: '{specs[0].Name}' is of family '{name}' again; a family's features are neighbours"));
            specs = specs[count..];
        }

        return new ContractDefinition(contract.Name, sampling, families);
    }

    private static FamilyChoice Choice(string name, ReadOnlySpan<FeatureSpec> specs, int first)
    {
        FamilyKind kind = FamilyCatalogue.Find(name)
            ?? throw new ContractException($"its feature {first}: '{specs[0].Name}' is of family '{name}', which this engine does not have; it has {string.Join(", ", FamilyCatalogue.All.Select(k => k.Name))}");
        long[] windows = kind.Windows == FamilyWindows.None ? [] : [.. specs.ToArray().Select(s => s.WindowNanos).Where(w => w > 0).Distinct().Order()];
        int levels = kind.Levels == 0 ? 0 : Math.Clamp(specs.Length / Math.Max(1, windows.Length), 1, TopLevels.Depth);
        return ContractLimits.Fault(kind, levels, windows) is { } fault
            ? throw new ContractException($"its feature {first}: '{specs[0].Name}' and its neighbours of family '{name}': {fault}")
            : new FamilyChoice(kind, levels, windows);
    }

    /// <summary>A pipe or a device says no length, so no more is read than may be.</summary>
    private static ReadOnlyMemory<byte> Bytes(string path)
    {
        if (Directory.Exists(path))
        {
            throw new ContractException($"{path} is a folder; name a contract's file in it");
        }

        if (!File.Exists(path))
        {
            throw new ContractException($"{path} does not exist; check the path");
        }

        try
        {
            byte[] bytes = new byte[ContractReader.MaxFileBytes + 1];
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            return bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContractException($"{path} cannot be read: {e.Message}");
        }
    }
}
