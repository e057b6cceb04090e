namespace Engine.Features.Families;

/// <summary>
/// Whether the other numbers can be believed. `staleness`: seconds from the last event of the instrument before the row's own.
/// `gap_age`: seconds since messages of the instrument or its whole venue were last lost, from 0 (clocks may differ) to 3,600,
/// which also stands for never. `trust`: 0 good, 1 recovering, 2 suspect (<see cref="Engine.Books.BookTrust"/>).
/// </summary>
internal sealed class Health : FeatureFamily
{
    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        new FeatureSpec("staleness", "health", 0, "seconds"),
        new FeatureSpec("gap_age", "health", 0, "seconds"),
        new FeatureSpec("trust", "health", 0, "level"),
    ];

    /// <inheritdoc/>
    public override Signals Reads => Signals.Time;

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        output[0] = (float)((view.Time - view.PreviousEventTime) * 1e-9);
        output[1] = InstrumentHead.SecondsSince(view.Time, view.LastGapTime);
        output[2] = (float)view.Trust;
    }
}
