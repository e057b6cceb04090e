using Engine.Features;
using Engine.Features.Contracts;

namespace Engine.Tests.Features.Contracts;

/// <summary>Contracts' files, as text: those of the engine, and random ones.</summary>
internal static class ContractTexts
{
    private static readonly long[] s_millis = [1, 7, 40, 100, 333, 1_000, 2_500, 10_000, 60_000, 3_600_000];
    private static readonly string[] s_samplings = ["every-event", "every-3", "every-1000000", "grid-1", "grid-250", "grid-3600000"];

    /// <summary>The text of a contract that comes with the engine.</summary>
    public static byte[] BuiltIn(string name)
    {
        using Stream stream = typeof(ContractDefinition).Assembly.GetManifestResourceStream($"contract.{name}")!;
        var text = new MemoryStream();
        stream.CopyTo(text);
        return text.ToArray();
    }

    /// <summary>A contract with one family, said as an object.</summary>
    public static string Of(string family) => $$"""{ "name": "t", "families": [ {{family}} ] }""";

    /// <summary>Some families in a random order, each by its name or with levels and windows of its own, and a sampling.</summary>
    public static string Random(Random random, string? sampling = null)
    {
        FamilyKind[] kinds = [.. FamilyCatalogue.All];
        random.Shuffle(kinds);
        IEnumerable<string> families = kinds[..random.Next(1, kinds.Length + 1)].Select(kind => Family(random, kind));
        return $$"""{ "name": "r{{random.Next()}}", "sampling": "{{sampling ?? s_samplings[random.Next(s_samplings.Length)]}}", "families": [ {{string.Join(", ", families)}} ] }""";
    }

    private static string Family(Random random, FamilyKind kind)
    {
        if (random.Next(4) == 0)
        {
            return $"\"{kind.Name}\"";
        }

        string levels = kind.Levels > 0 && random.Next(5) > 0 ? $", \"levels\": {random.Next(1, TopLevels.Depth + 1)}" : "";
        string windows = "";
        if (kind.Windows != FamilyWindows.None && random.Next(5) > 0)
        {
            long[] some = [.. s_millis];
            random.Shuffle(some);
            windows = $", \"windows_ms\": [{string.Join(", ", some[..random.Next(1, 4)].Order())}]";
        }

        return $"{{ \"family\": \"{kind.Name}\"{levels}{windows} }}";
    }
}
