using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Signals;
using Engine.Training.Datasets;

namespace Engine.Latency.Silos;

/// <summary>Raw rows in the order in which they come, and whose each is.</summary>
/// <param name="Instruments">How many instruments there are.</param>
/// <param name="Rows">The rows.</param>
public sealed record SiloRows(int Instruments, (int Instrument, float[] Row)[] Rows)
{
    /// <summary>Rows of one instrument that share no value.</summary>
    public static SiloRows All(int features, int count)
    {
        var random = new SeededRandom(2);
        return new SiloRows(1, [.. Enumerable.Range(0, count).Select(_ => (0, Draw(random, features)))]);
    }

    /// <summary>Instruments in turn; each row differs from its instrument's last in some silos' first four features and in four direct ones.</summary>
    public static SiloRows Some(int features, int count, int instruments, int changedSilos, int silos, int width)
    {
        var random = new SeededRandom(3);
        float[][] last = [.. Enumerable.Range(0, instruments).Select(_ => Draw(random, features))];
        var rows = new (int, float[])[count];
        for (int r = 0; r < count; r++)
        {
            float[] row = last[r % instruments] = [.. last[r % instruments]];
            int first = random.Next(silos);
            for (int s = 0; s <= changedSilos; s++)
            {
                int at = s == changedSilos ? silos * width : (first + (s * 5)) % silos * width;
                for (int i = 0; i < 4; i++)
                {
                    row[at + i] = (float)random.NextNormal();
                }
            }

            rows[r] = (r % instruments, row);
        }

        return new SiloRows(instruments, rows);
    }

    /// <summary>Rows from the middle of a capture, one after the other.</summary>
    public static SiloRows Of(string capture, FeatureContract contract, int count)
    {
        var rows = new List<(int Instrument, float[] Row)>();
        CaptureRows.Replay([capture], ContractDefinition.Of(contract), Sampling.EveryEvent, new Keep(rows, 50_000, count));
        return new SiloRows(rows.Max(r => r.Instrument) + 1, [.. rows]);
    }

    private static float[] Draw(SeededRandom random, int features) => [.. Enumerable.Range(0, features).Select(_ => (float)random.NextNormal())];

    private struct Keep(List<(int, float[])> rows, int skip, int count) : IRowHandler
    {
        private int _seen;

        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
        {
            if (_seen++ >= skip && rows.Count < count)
            {
                rows.Add((stamp.Instrument, row.ToArray()));
            }
        }
    }
}
