using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>Files that may break a rule, each with the reason. An entry whose file keeps the rule is itself a finding.</summary>
internal sealed class AllowList
{
    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Adds a file.</summary>
    /// <exception cref="ArgumentException">The reason is empty, or the file is listed already.</exception>
    public AllowList With(string path, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _reasons.Add(path, reason);
        return this;
    }

    /// <summary>The findings in other files, and the stale entries.</summary>
    public IEnumerable<Finding> Apply(IEnumerable<Finding> findings)
    {
        Finding[] all = [.. findings];
        HashSet<string> found = [.. all.Select(f => f.Path)];
        return all.Where(f => !_reasons.ContainsKey(f.Path))
            .Concat(_reasons.Where(r => !found.Contains(r.Key)).Select(r => new Finding(r.Key, 0, $"its allowance is stale (\"{r.Value}\"): strike it")));
    }
}
