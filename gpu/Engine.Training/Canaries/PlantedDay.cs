using System.Runtime.InteropServices;
using Engine.Core.Hdf5;
using Engine.Recording.Hdf5;
using Engine.Training.Datasets;

namespace Engine.Training.Canaries;

/// <summary>Changes a day's file as somebody would who wants a better score, or does not know what he does. Holds the day in memory.</summary>
internal static class PlantedDay
{
    private const int LabelsPerChunk = 1_024;

    /// <summary>For each row a row of the same instrument: the last one whose label's span is over when the row is taken; −1 where there is none.</summary>
    public static int[] KnownBy(DatasetFile file, string label) => Pair(file, label, static (other, row) => other.End <= row.Time, takesLast: true);

    /// <summary>For each row a row of the same instrument: the first one at or behind the end of the row's span; −1 where there is none.</summary>
    public static int[] Behind(DatasetFile file, string label) => Pair(file, label, static (other, row) => other.Time >= row.End, takesLast: false);

    /// <summary>Writes a label's values anew.</summary>
    /// <param name="path">The day.</param>
    /// <param name="label">The label's name.</param>
    /// <param name="change">Takes its values and gives others.</param>
    public static void ChangeLabel(string path, string label, Func<float[], float[]> change)
    {
        float[] values;
        string definition;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            values = new float[file.Rows.Rows];
            file.ReadLabel(label, 0, values, new long[values.Length]);
            definition = file.LabelDefinition(label)!;
        }

        using Hdf5File changed = Hdf5File.OpenWrite(path);
        string name = DatasetFile.LabelPath(label);
        changed.Remove(name);
        Write(changed, name, change(values), LabelsPerChunk, 0);
        Hdf5Attributes.WriteTo(changed, name, DatasetFormat.Definition, definition);
        changed.Close();
    }

    /// <summary>Writes the features anew.</summary>
    /// <param name="path">The day.</param>
    /// <param name="change">Takes all features and their width.</param>
    /// <param name="fixesHash">Write the hash that the rows have then.</param>
    public static void ChangeFeatures(string path, Action<float[], int> change, bool fixesHash)
    {
        float[] features;
        int width;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            width = file.Rows.Head.Contract.Count;
            features = new float[file.Rows.Rows * width];
            using var block = new FeatureRowBlock(width);
            for (int start = 0; file.Rows.Read(start, block) is > 0 and var count; start += count)
            {
                block.Features.CopyTo(features.AsSpan(start * width));
            }
        }

        change(features, width);
        using (Hdf5File changed = Hdf5File.OpenWrite(path))
        {
            changed.Remove(FeatureFileFormat.Features);
            Write(changed, FeatureFileFormat.Features, features, FeatureFileFormat.RowsPerChunk(width), width);
            changed.Close();
        }

        if (fixesHash)
        {
            FixRowsHash(path);
        }
    }

    /// <summary>Writes the hash that the rows have.</summary>
    public static void FixRowsHash(string path)
    {
        string hash;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            hash = file.ComputeRowsHash();
        }

        using Hdf5File changed = Hdf5File.OpenWrite(path);
        changed.Remove(DatasetFormat.RowsHash);
        Write(changed, DatasetFormat.RowsHash, Convert.FromHexString(hash), DatasetFormat.HashBytes, 0);
        changed.Close();
    }

    /// <summary>Writes a column.</summary>
    public static void Write<T>(Hdf5File file, string name, T[] values, int rowsPerChunk, int width)
        where T : unmanaged
    {
        using Hdf5Column column = Hdf5Column.Create<T>(file, name, new Hdf5Chunking(rowsPerChunk, 0), width);
        column.Append(MemoryMarshal.AsBytes(values.AsSpan()), values.Length / Math.Max(1, width));
    }

    private static int[] Pair(DatasetFile file, string label, Func<Spanned, Spanned, bool> meets, bool takesLast)
    {
        int count = checked((int)file.Rows.Rows);
        var (times, ends, instruments) = (new long[count], new long[count], new int[count]);
        file.ReadColumn(FeatureFileFormat.Time, 0, times.AsSpan());
        file.ReadColumn(FeatureFileFormat.Instrument, 0, instruments.AsSpan());
        file.ReadLabel(label, 0, new float[count], ends);
        var pairs = new int[count];
        Array.Fill(pairs, -1);
        foreach (IGrouping<int, int> own in Enumerable.Range(0, count).GroupBy(row => instruments[row]))
        {
            // Both times and the ends of spans of one length rise, so that the place that meets never goes back.
            int[] rows = [.. own];
            int at = 0;
            foreach (int row in rows)
            {
                var asked = new Spanned(times[row], ends[row]);
                while (at < rows.Length && meets(new Spanned(times[rows[at]], ends[rows[at]]), asked) == takesLast)
                {
                    at++;
                }

                int found = takesLast ? at - 1 : at;
                pairs[row] = (uint)found < (uint)rows.Length ? rows[found] : -1;
            }
        }

        return pairs;
    }

    private readonly record struct Spanned(long Time, long End);
}
