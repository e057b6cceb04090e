using Engine.Core.Events;

namespace Engine.Features.Families;

/// <summary>
/// Whether the other numbers can be believed. `staleness`: seconds from the last event of the instrument before the row's own.
/// `gap_age`: seconds since messages of the instrument or its whole venue were last lost, from 0 (clocks may differ) to 3,600,
/// which also stands for never. `trust`: 0 good, 1 recovering, 2 suspect (<see cref="Engine.Books.BookTrust"/>).
/// </summary>
public sealed class Health : FeatureFamily
{
    private const double MaxGapAgeSeconds = 3600;

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        new FeatureSpec("staleness", "health", 0, "seconds"),
        new FeatureSpec("gap_age", "health", 0, "seconds"),
        new FeatureSpec("trust", "health", 0, "level"),
    ];

    /// <inheritdoc/>
    public override void Write(BookView view, Span<float> output)
    {
        output[0] = (float)((view.Time - view.PreviousEventTime) / 1e9);
        output[1] = view.LastGapTime == MarketEvent.Absent
            ? (float)MaxGapAgeSeconds
            : (float)Math.Clamp((view.Time - view.LastGapTime) / 1e9, 0, MaxGapAgeSeconds);
        output[2] = (float)view.Trust;
    }
}
