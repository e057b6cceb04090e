using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Gpu;

/// <summary>Rows on the device, resident and streamed, as a kernel would read them.</summary>
[TestFixture(DeviceApi.OpenCl)]
[TestFixture(DeviceApi.Cuda)]
internal sealed class GpuRowsTests(DeviceApi api) : GpuFixture(api)
{
    [Test]
    public void Gpu_rows_are_found_with_the_ticks_before_them([Values(1, 4)] int window, [Values] bool isStreamed)
    {
        ulong seed = Seeds.Take(1).Single();
        var random = new SeededRandom(seed);
        using TrainingRows first = Rows(random, 60), second = Rows(random, 40);
        TrainingRows[] sources = [first, second, first];
        using var context = new GpuContext(Device, new GpuOptions { MaxResidentBytes = isStreamed ? 0 : null });
        using DeviceQueue queue = Device.CreateQueue();
        var rows = GpuRows.Create(context, queue, new GpuRowNeeds(sources, window, StepRows: 60, BurstRows: 300));
        Assert.That(rows, isStreamed ? Is.TypeOf<StreamedRows>() : Is.TypeOf<ResidentRows>());
        for (int round = 0; round < 2; round++)
        {
            var burst = new GpuBurst(5, 3);
            for (int s = 0; s < burst.Steps; s++)
            {
                for (int m = 0; m < 3; m++)
                {
                    // Some rest; rows may come twice.
                    int[] usable = sources[m].WithWindow([.. Enumerable.Range(0, sources[m].Rows)], window);
                    burst[s, m] = Enumerable.Range(0, random.Next(20)).Select(_ => usable[random.Next(usable.Length)]).ToArray();
                }
            }

            rows.Begin(burst);
            for (int s = 0; s < burst.Steps; s++)
            {
                DeviceRows at = rows.Step(s);
                if (burst.LargestOf(s) > 0)
                {
                    AssertFound(queue, rows, at, burst, s, sources, window, $"seed {seed}, step {s}");
                }

                rows.EndStep(s);
            }

            queue.Finish();
        }

        context.Abandon(0);
    }

    private void AssertFound(DeviceQueue queue, GpuRows rows, DeviceRows at, GpuBurst burst, int step, TrainingRows[] sources, int window, string where)
    {
        float[] features = GpuDevices.Read<float>(Device, queue, at.Features), labels = GpuDevices.Read<float>(Device, queue, at.Labels);
        int[] previous = GpuDevices.Read<int>(Device, queue, at.Previous), list = GpuDevices.Read<int>(Device, queue, at.List);
        for (int m = 0; m < sources.Length; m++)
        {
            for (int i = 0; i < burst[step, m].Length; i++)
            {
                int place = list[rows.First(step, m) + i], row = burst[step, m].Span[i];
                for (int tick = 0; tick < window; tick++)
                {
                    Assert.That(features.AsSpan(place * 3, 3).SequenceEqual(sources[m].Features.Slice(row * 3, 3)), $"{where}, network {m}, row {row}, {tick} ticks before");
                    Assert.That(labels[place], Is.EqualTo(sources[m].Labels[row]));
                    (place, row) = tick + 1 < window ? (previous[place], sources[m].Previous[row]) : (place, row);
                }
            }
        }
    }

    private static TrainingRows Rows(SeededRandom random, int count)
    {
        float[] features = [.. Enumerable.Range(0, 3 * count).Select(_ => (float)random.NextNormal())];
        int[] series = [.. Enumerable.Range(0, count).Select(_ => random.Next(3))];
        return TrainingRows.Of(features, 3, [.. Enumerable.Range(0, count).Select(r => (float)r)], series);
    }
}
