using Engine.Core.Events;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>A model that is to take another's place: loaded and proven; what tells of it is ready.</summary>
internal sealed class PreparedSwap
{
    private bool _isApplied;

    /// <summary>Which model of the command line it stands for.</summary>
    public required int Place { get; init; }

    /// <summary>What runs.</summary>
    public required RunningModel Next { get; init; }

    /// <summary>SHA-256 of its file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Exchange time from whose first event on; <see cref="long.MaxValue"/> where a number says it.</summary>
    public long Time { get; init; } = long.MaxValue;

    /// <summary>Number of the event from which on; <see cref="long.MaxValue"/> where a time says it.</summary>
    public long Event { get; init; } = long.MaxValue;

    /// <summary>What the log is told; whole once it is applied.</summary>
    public Prediction Record;

    /// <summary>What it replaced; null before.</summary>
    public RunningModel? Retired { get; private set; }

    /// <summary>Whether it has happened; any thread may ask.</summary>
    public bool IsApplied => Volatile.Read(ref _isApplied);

    /// <summary>It has happened, on the compute thread.</summary>
    public void Applied(RunningModel retired)
    {
        Retired = retired;
        Volatile.Write(ref _isApplied, true);
    }
}

/// <summary>
/// Puts models in the place of others between two events, on the compute thread, where nothing is loaded, allocated or waited for:
/// those that a replay plans by time or number, and those that a live run is offered while it goes on.
/// </summary>
internal sealed class ModelSwapper : IEventInterrupt
{
    private readonly PreparedSwap[] _planned;
    private readonly RunningModel[] _current;
    private Pipeline<PredictionStage<RingSink>>? _pipeline;
    private (int Lane, int Index)[] _places = [];
    private PreparedSwap[]? _offered;
    private int _next;

    /// <param name="running">The models of the command line.</param>
    /// <param name="planned">Swaps to come, in the order of their numbers or their times.</param>
    public ModelSwapper(IReadOnlyList<RunningModel> running, PreparedSwap[] planned)
    {
        _current = [.. running];
        _planned = planned;
    }

    /// <summary>Swaps that were planned.</summary>
    public IReadOnlyList<PreparedSwap> Planned => _planned;

    /// <summary>Whether what was offered last has not happened yet.</summary>
    public bool IsOffering => Volatile.Read(ref _offered) is not null;

    /// <summary>Connects it to the run, before the first event.</summary>
    public void Attach(Pipeline<PredictionStage<RingSink>> pipeline, IReadOnlyList<ModelLane> lanes)
    {
        _pipeline = pipeline;
        _places = [.. lanes.SelectMany((l, lane) => l.Models.Select((place, index) => (place, lane, index))).OrderBy(p => p.place).Select(p => (p.lane, p.index))];
        Arm();
    }

    /// <summary>Offers models to a run that goes on; they are taken before its next event. Not before the last offer was taken.</summary>
    public void Offer(PreparedSwap[] swaps) => Volatile.Write(ref _offered, swaps);

    /// <summary>Looks for an offer, on the compute thread, between packets.</summary>
    public void Poll()
    {
        if (Volatile.Read(ref _offered) is not null)
        {
            _pipeline!.InterruptAt(_pipeline.Events, long.MaxValue, this);
        }
    }

    /// <inheritdoc/>
    public void Before(long number, in MarketEvent e)
    {
        if (Volatile.Read(ref _offered) is { } offered)
        {
            foreach (PreparedSwap swap in offered)
            {
                Apply(swap, number, e);
            }

            Volatile.Write(ref _offered, null);
        }

        while (_next < _planned.Length && (_planned[_next].Event <= number || _planned[_next].Time <= e.ExchangeTime))
        {
            Apply(_planned[_next++], number, e);
        }

        Arm();
    }

    private void Arm()
    {
        if (_next < _planned.Length)
        {
            _pipeline!.InterruptAt(_planned[_next].Event, _planned[_next].Time, this);
        }
    }

    private void Apply(PreparedSwap swap, long number, in MarketEvent e)
    {
        RunningModel retired = _current[swap.Place];
        _current[swap.Place] = swap.Next;
        ref ModelRecord record = ref ModelRecord.Of(ref swap.Record);
        record.Replaced = retired.Number;
        record.ExchangeTime = e.ExchangeTime;
        record.Event = number;
        (int lane, int index) = _places[swap.Place];
        _pipeline!.RowsOf(lane).Replace(index, swap.Next, ref swap.Record);
        swap.Applied(retired);
    }
}
