using Engine.Training.Devices;

namespace Engine.Training.Backends.Gpu;

/// <summary>Where kernels find the rows of a step.</summary>
/// <param name="Features">[row][column].</param>
/// <param name="Labels">By row.</param>
/// <param name="Previous">By row: the tick before it, −1 for none; of networks that read one tick undefined.</param>
/// <param name="List">Rows of steps, one behind the other.</param>
internal readonly record struct DeviceRows(DeviceBuffer Features, DeviceBuffer Labels, DeviceBuffer Previous, DeviceBuffer List);

/// <summary>What a group's rows need.</summary>
/// <param name="Sources">The rows of each network; networks may share them.</param>
/// <param name="Window">Ticks that one prediction reads.</param>
/// <param name="StepRows">Most rows of all networks in one step.</param>
/// <param name="BurstRows">Most rows of all networks in one burst.</param>
internal sealed record GpuRowNeeds(IReadOnlyList<TrainingRows> Sources, int Window, int StepRows, int BurstRows)
{
    /// <summary>Features of a row.</summary>
    public int Columns => Sources[0].Columns;

    /// <summary>Rows without repetition.</summary>
    public IReadOnlyList<TrainingRows> Distinct { get; } = [.. Sources.Distinct()];

    /// <summary>All rows there are.</summary>
    public long TotalRows => Distinct.Sum(r => (long)r.Rows);

    /// <summary>Bytes of some rows on the device.</summary>
    public long BytesOf(long rows) => rows * ((Columns * sizeof(float)) + sizeof(float) + (Window > 1 ? sizeof(int) : 0));
}

/// <summary>
/// The rows of a group on its device: all of them, or those of a step at a time. Kernels see one layout, so that no number depends on which.
/// </summary>
internal abstract class GpuRows
{
    /// <summary>Rows on the device, owned by the group that is being made.</summary>
    /// <param name="context">The device.</param>
    /// <param name="queue">What computes.</param>
    /// <param name="needs">What is needed.</param>
    public static GpuRows Create(GpuContext context, DeviceQueue queue, GpuRowNeeds needs)
    {
        long most = context.Options.MaxResidentBytes ?? context.Device.Info.GlobalBytes / 2;
        if (needs.TotalRows <= int.MaxValue && needs.BytesOf(needs.TotalRows) <= most)
        {
            int owned = context.Unfinished.Count;
            try
            {
                return new ResidentRows(context, queue, needs);
            }
            catch (DeviceException)
            {
                // Less of it is free than it has, or it gives less in one piece.
                context.Abandon(owned);
            }
        }

        return new StreamedRows(context, queue, needs);
    }

    /// <summary>Takes the rows of a burst, whose predecessor is done.</summary>
    public abstract void Begin(GpuBurst burst);

    /// <summary>Where in the row list a network's step begins.</summary>
    public abstract int First(int step, int model);

    /// <summary>The rows of a step, once each step, in order: what the queue is asked for from here on sees them.</summary>
    public abstract DeviceRows Step(int step);

    /// <summary>All that reads a step's rows has been asked for.</summary>
    public virtual void EndStep(int step)
    {
    }
}
