using Engine.Core.Memory;
using Engine.Features;

namespace Engine.Tests.Features;

/// <summary>A clock that jumps cannot keep the sampler busy for ever.</summary>
public sealed class SilenceTests
{
    [Test]
    public void Cells_beyond_the_limit_are_passed_over_and_counted_and_the_latest_are_kept()
    {
        const long Step = 1_000_000;
        const long TooMany = 7;
        using var sampler = new RowSampler(new Sampling(SamplingKind.Grid, 1, Step), new EngineLimits { Instruments = 1 });
        Assert.That(sampler.TryNextCell(0, Step / 2, out _), Is.False, "the first event makes no row");
        long jump = (RowSampler.MaxCellsPerEvent + TooMany) * Step;
        long rows = 0;
        long first = 0;
        long last = 0;
        for (; sampler.TryNextCell(0, jump, out long cell); rows++)
        {
            first = rows == 0 ? cell : first;
            last = cell;
        }

        Assert.That(rows, Is.EqualTo(RowSampler.MaxCellsPerEvent));
        Assert.That(sampler.SkippedCells, Is.EqualTo(TooMany));
        Assert.That(first, Is.EqualTo((TooMany + 1) * Step));
        Assert.That(last, Is.EqualTo(jump));
    }
}
