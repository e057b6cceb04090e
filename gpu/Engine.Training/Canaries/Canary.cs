using Engine.Training.Runs;
using Engine.Training.Splits;

namespace Engine.Training.Canaries;

/// <summary>A leak that is planted on purpose, as a configuration whose data or split has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it must be found as.</param>
/// <param name="Plan">The configuration.</param>
internal sealed record Canary(string Name, LeakKind Kind, RunPlan Plan)
{
    /// <summary>The checks that are for it: all that are switched off to show that nothing else sees it.</summary>
    public IReadOnlyList<LeakKind> Checks { get; init; } = [Kind];

    /// <summary>Statistics of the normaliser are of all rows.</summary>
    public bool HasStatisticsOfAllRows { get; init; }
}
