using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>The events of the other targets, applied to books and features. A case is one of the target that is drawn.</summary>
/// <param name="sources">Make the events.</param>
internal sealed class BooksTarget(params IEventTarget[] sources) : IEventTarget
{
    private const double SlowPart = 0.25;

    /// <inheritdoc/>
    public string Name => "books";

    /// <inheritdoc/>
    public int CasesPerBatch => 256;

    /// <inheritdoc/>
    public int Weight => 6;

    /// <inheritdoc/>
    public EventTaker? Taker { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, long>? Reach { get; set; }

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        IEventTarget source = sources[batch.Random.Next(sources.Length)];
        using BookAudit audit = new(batch.Random.Chance(SlowPart));
        source.Taker = events =>
        {
            audit.Check(events);
            Taker?.Invoke(events);
        };
        try
        {
            source.Run(batch);
        }
        catch (FuzzException wrong)
        {
            throw new FuzzException($"{source.Name}: {wrong.Message}");
        }

        audit.CheckEnd();
        audit.Note(Reach);
    }
}
