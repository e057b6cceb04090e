using Engine.Training.Devices;

namespace Engine.Training.Backends.Gpu;

/// <summary>All rows of a group, copied to the device once; those that networks share, once.</summary>
internal sealed unsafe class ResidentRows : GpuRows
{
    private const long StageBytes = 32L << 20;

    private readonly DeviceQueue _queue;
    private readonly DeviceRows _rows;
    private readonly PinnedMemory _list;
    private readonly int[] _offsets;
    private int[] _firsts = [];
    private int _models;

    /// <param name="context">The device.</param>
    /// <param name="queue">What computes.</param>
    /// <param name="needs">What is needed.</param>
    public ResidentRows(GpuContext context, DeviceQueue queue, GpuRowNeeds needs)
    {
        ComputeDevice device = context.Device;
        long total = needs.TotalRows;
        _queue = queue;
        _rows = new DeviceRows(
            context.Own(device.Allocate(total * needs.Columns * sizeof(float))), context.Own(device.Allocate(total * sizeof(float))),
            context.Own(device.Allocate(needs.Window > 1 ? total * sizeof(int) : sizeof(int))), context.Own(device.Allocate((long)needs.BurstRows * sizeof(int))));
        _list = context.Own(device.Pin((long)needs.BurstRows * sizeof(int)));
        _offsets = new int[needs.Sources.Count];
        using PinnedMemory stage = device.Pin(Math.Min(StageBytes, total * needs.Columns * sizeof(float)));
        int offset = 0;
        foreach (TrainingRows source in needs.Distinct)
        {
            for (int m = 0; m < needs.Sources.Count; m++)
            {
                _offsets[m] = ReferenceEquals(needs.Sources[m], source) ? offset : _offsets[m];
            }

            Copy(source, offset, stage, needs.Window > 1);
            offset += source.Rows;
        }
    }

    /// <inheritdoc/>
    public override void Begin(GpuBurst burst)
    {
        _models = burst.Models;
        _firsts = new int[burst.Steps * burst.Models];
        Span<int> list = _list.As<int>();
        int at = 0;
        for (int s = 0; s < burst.Steps; s++)
        {
            for (int m = 0; m < burst.Models; m++)
            {
                _firsts[(s * burst.Models) + m] = at;
                foreach (int row in burst[s, m].Span)
                {
                    list[at++] = row + _offsets[m];
                }
            }
        }

        if (at > 0)
        {
            _queue.Write(_rows.List, 0, _list, 0, (long)at * sizeof(int));
        }
    }

    /// <inheritdoc/>
    public override int First(int step, int model) => _firsts[(step * _models) + model];

    /// <inheritdoc/>
    public override DeviceRows Step(int step) => _rows;

    private void Copy(TrainingRows source, int offset, PinnedMemory stage, bool hasPrevious)
    {
        // SAFETY: the rows' memory is theirs as long as they are; arrays are pinned while they are read.
        Copy(source.Pointer, (long)source.Rows * source.Columns * sizeof(float), _rows.Features, (long)offset * source.Columns * sizeof(float), stage);
        fixed (float* labels = source.Labels)
        {
            Copy(labels, (long)source.Rows * sizeof(float), _rows.Labels, (long)offset * sizeof(float), stage);
        }

        if (hasPrevious)
        {
            int[] previous = [.. source.Previous.Select(p => p < 0 ? -1 : p + offset)];
            fixed (int* first = previous)
            {
                Copy(first, (long)source.Rows * sizeof(int), _rows.Previous, (long)offset * sizeof(int), stage);
            }
        }
    }

    private void Copy(void* from, long bytes, DeviceBuffer to, long toOffset, PinnedMemory stage)
    {
        for (long done = 0; done < bytes; done += stage.Bytes)
        {
            // SAFETY: the stage has that many bytes, and the caller's memory `bytes`.
            long part = Math.Min(stage.Bytes, bytes - done);
            Buffer.MemoryCopy((byte*)from + done, stage.Pointer, stage.Bytes, part);
            _queue.Write(to, toOffset + done, stage, 0, part);
            _queue.Finish();
        }
    }
}
