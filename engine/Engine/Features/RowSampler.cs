using Engine.Core.Memory;

namespace Engine.Features;

/// <summary>Decides, by the contract's sampling, when an instrument's next row is due.</summary>
public sealed class RowSampler : IDisposable
{
    /// <summary>Most cells without an event that one event makes rows for: a day of seconds, 16 minutes of milliseconds. An older stretch
    /// of a longer silence, or of a clock that jumped, is passed over and counted (<see cref="SkippedCells"/>).</summary>
    public const long MaxCellsPerEvent = 1_000_000;

    private readonly Sampling _sampling;
    private readonly NativeBuffer<long> _state;

    /// <param name="sampling">The rule.</param>
    /// <param name="limits">Bound of instruments.</param>
    public RowSampler(Sampling sampling, EngineLimits limits)
    {
        _sampling = sampling;
        _state = new NativeBuffer<long>(limits.Instruments);
    }

    /// <summary>Cells that have no row because too many lay between two events.</summary>
    public long SkippedCells { get; private set; }

    /// <summary>Whether rows are taken at grid times, before the event that passes them.</summary>
    public bool IsGrid => _sampling.Kind == SamplingKind.Grid;

    /// <summary>Grid sampling: the next cell at or before <paramref name="time"/> that has no row yet. Call until false, before the
    /// event at that time is applied.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="time">Exchange time of the coming event, ns; what can be none (<see cref="FeatureBuilder.IsTime"/>) passes no cell.</param>
    /// <param name="cell">The grid time of the row, ns.</param>
    public bool TryNextCell(int instrument, long time, out long cell)
    {
        ref long next = ref _state[instrument];
        cell = next;
        if (!FeatureBuilder.IsTime(time))
        {
            return false;
        }

        if (next == 0)
        {
            // The first event: its own cell boundary lies behind it, and rows begin with the next one.
            next = ((time / _sampling.StepNanos) + 1) * _sampling.StepNanos;
            return false;
        }

        if (next > time)
        {
            return false;
        }

        long behind = (time - next) / _sampling.StepNanos;
        if (behind >= MaxCellsPerEvent)
        {
            SkippedCells += behind - MaxCellsPerEvent + 1;
            cell += (behind - MaxCellsPerEvent + 1) * _sampling.StepNanos;
        }

        next = cell + _sampling.StepNanos;
        return true;
    }

    /// <summary>Event sampling: whether this row-making event completes a row.</summary>
    public bool IsDue(int instrument)
    {
        if (_sampling.Kind == SamplingKind.EveryEvent)
        {
            return true;
        }

        ref long count = ref _state[instrument];
        if (++count < _sampling.N)
        {
            return false;
        }

        count = 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _state.Dispose();
}
