using Engine.Fuzz.Running;
using Engine.TestKit.Books;

namespace Engine.Fuzz.Targets;

/// <summary>One long flow of events over 200 books, held against the naive books; the digest is told at the end. A case is an event, and all
/// cases of a run are one batch.</summary>
internal sealed class BookOracleTarget : IFuzzTarget
{
    private const int CompareEvery = 100_000;

    /// <inheritdoc/>
    public string Name => "book-oracle";

    /// <inheritdoc/>
    public int CasesPerBatch => int.MaxValue;

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        using OracleRun run = new(batch.Random.NextUInt64());
        for (int i = 0; i < batch.Count; i++)
        {
            batch.Begin(i);
            string? difference = run.Next();
            difference ??= i % CompareEvery == CompareEvery - 1 || i == batch.Count - 1 ? run.Compare() : null;
            FuzzBatch.Require(difference is null, difference ?? "");
        }

        Console.Error.WriteLine($"book-oracle: {run.Events} events, {run.LiveOrders} orders rest, digest {run.Digest} over {run.Digest.Events} changes");
    }
}
