using Engine.Training.Devices;

namespace Engine.Training.Backends.Gpu;

/// <summary>
/// The rows of a step at a time, and the ticks before them: the host gathers those of the next step and a second queue copies them while the device
/// computes.
/// </summary>
internal sealed unsafe class StreamedRows : GpuRows
{
    private readonly GpuRowNeeds _needs;
    private readonly DeviceQueue _queue;
    private readonly DeviceQueue _copies;
    private readonly Side[] _sides;
    private readonly Dictionary<TrainingRows, Gathered> _gathered = [];
    private GpuBurst _burst = new(0, 0);
    private int _count;
    private int _stamp;

    /// <param name="context">The device.</param>
    /// <param name="queue">What computes.</param>
    /// <param name="needs">What is needed.</param>
    public StreamedRows(GpuContext context, DeviceQueue queue, GpuRowNeeds needs)
    {
        (_needs, _queue, _copies) = (needs, queue, context.Own(context.Device.CreateQueue()));
        long rows = Math.Min(needs.TotalRows, (long)needs.StepRows * needs.Window);
        if (rows > int.MaxValue)
        {
            throw new DeviceException($"A step reads up to {rows} rows; at most {int.MaxValue} are allowed: use smaller batches or fewer networks at once.");
        }

        _sides = [context.Own(new Side(context, needs, (int)rows)), context.Own(new Side(context, needs, (int)rows))];
        foreach (TrainingRows source in needs.Distinct)
        {
            _gathered.Add(source, new Gathered(new int[source.Rows], new int[source.Rows]));
        }
    }

    /// <inheritdoc/>
    public override void Begin(GpuBurst burst) => _burst = burst;

    /// <inheritdoc/>
    public override int First(int step, int model)
    {
        int first = 0;
        for (int m = 0; m < model; m++)
        {
            first += _burst[step, m].Length;
        }

        return first;
    }

    /// <inheritdoc/>
    public override DeviceRows Step(int step)
    {
        Side side = _sides[step % 2];
        side.Copied?.Wait();
        int listed = Gather(step, side);
        if (side.Computed is { } computed)
        {
            _copies.WaitFor(computed);
        }

        side.Write(_copies, _count, listed);
        side.Copied?.Dispose();
        side.Copied = _copies.Record();
        _queue.WaitFor(side.Copied);
        return side.Rows;
    }

    /// <inheritdoc/>
    public override void EndStep(int step)
    {
        Side side = _sides[step % 2];
        side.Computed?.Dispose();
        side.Computed = _queue.Record();
    }

    private int Gather(int step, Side side)
    {
        _stamp++;
        _count = 0;
        int at = 0;
        for (int m = 0; m < _burst.Models; m++)
        {
            TrainingRows source = _needs.Sources[m];
            Gathered gathered = _gathered[source];
            foreach (int row in _burst[step, m].Span)
            {
                side.List[at++] = Place(source, gathered, side, row, _needs.Window);
            }
        }

        return at;
    }

    // The place of a row; it and the ticks that it is read with are put where they are not there yet.
    private int Place(TrainingRows source, Gathered gathered, Side side, int row, int window)
    {
        int before = -1;
        for (int tick = row, left = window; left > 0 && tick >= 0; left--, tick = source.Previous[tick])
        {
            bool isNew = gathered.Stamps[tick] != _stamp;
            if (isNew)
            {
                gathered.Stamps[tick] = _stamp;
                gathered.Places[tick] = _count;
                side.Take(source, tick, _count++);
            }

            // A tick that is there may end its own window: whoever comes from behind links it further.
            if (before >= 0 && window > 1)
            {
                side.Previous[before] = gathered.Places[tick];
            }

            before = gathered.Places[tick];
        }

        return gathered.Places[row];
    }

    /// <summary>When and where rows of a source were put.</summary>
    private sealed record Gathered(int[] Stamps, int[] Places);

    /// <summary>One of the two places for rows, here and on the device.</summary>
    private sealed class Side : IDisposable
    {
        private readonly PinnedMemory _features;
        private readonly PinnedMemory _labels;
        private readonly PinnedMemory _previous;
        private readonly PinnedMemory _list;
        private readonly int _columns;
        private readonly bool _hasPrevious;

        public Side(GpuContext context, GpuRowNeeds needs, int rows)
        {
            ComputeDevice device = context.Device;
            (_columns, _hasPrevious) = (needs.Columns, needs.Window > 1);
            _features = context.Own(device.Pin((long)rows * _columns * sizeof(float)));
            _labels = context.Own(device.Pin((long)rows * sizeof(float)));
            _previous = context.Own(device.Pin(_hasPrevious ? (long)rows * sizeof(int) : sizeof(int)));
            _list = context.Own(device.Pin((long)needs.StepRows * sizeof(int)));
            Rows = new DeviceRows(
                context.Own(device.Allocate(_features.Bytes)), context.Own(device.Allocate(_labels.Bytes)), context.Own(device.Allocate(_previous.Bytes)),
                context.Own(device.Allocate(_list.Bytes)));
        }

        public DeviceRows Rows { get; }

        public DeviceEvent? Copied { get; set; }

        public DeviceEvent? Computed { get; set; }

        // SAFETY: as long as the pinned memory, whose indices the gathering keeps to.
        public int* Previous => (int*)_previous.Pointer;

        // SAFETY: as above.
        public int* List => (int*)_list.Pointer;

        public void Take(TrainingRows source, int row, int place)
        {
            // SAFETY: the source has the row, and there is room for as many rows as a step can read.
            long bytes = (long)_columns * sizeof(float);
            Buffer.MemoryCopy(source.Pointer + ((long)row * _columns), _features.Pointer + (place * bytes), bytes, bytes);
            ((float*)_labels.Pointer)[place] = source.Labels[row];
            if (_hasPrevious)
            {
                Previous[place] = -1;
            }
        }

        public void Write(DeviceQueue queue, int rows, int listed)
        {
            if (rows == 0)
            {
                return;
            }

            queue.Write(Rows.Features, 0, _features, 0, (long)rows * _columns * sizeof(float));
            queue.Write(Rows.Labels, 0, _labels, 0, (long)rows * sizeof(float));
            if (_hasPrevious)
            {
                queue.Write(Rows.Previous, 0, _previous, 0, (long)rows * sizeof(int));
            }

            queue.Write(Rows.List, 0, _list, 0, (long)listed * sizeof(int));
        }

        public void Dispose()
        {
            Copied?.Dispose();
            Computed?.Dispose();
        }
    }
}
