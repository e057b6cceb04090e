using System.Runtime.InteropServices;
using Engine.Core.Hdf5;
using Engine.Recording.Hdf5;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Support;

/// <summary>Changes a day's file as somebody would who wants a better score, or does not know what he does.</summary>
internal static class PlantedFile
{
    /// <summary>Writes a label's values anew.</summary>
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
        string name = $"{DatasetFormat.Labels}/{label}";
        changed.Remove(name);
        Write(changed, name, change(values), 1_024, 0);
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
    }

    /// <summary>Writes the tape's bids anew.</summary>
    public static void ChangeTape(string path, Action<long[]> change)
    {
        long[] bids;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            bids = new long[file.Quotes];
            file.ReadTape(DatasetFormat.QuoteBid, 0, bids.AsSpan());
        }

        change(bids);
        using Hdf5File changed = Hdf5File.OpenWrite(path);
        changed.Remove(DatasetFormat.QuoteBid);
        Write(changed, DatasetFormat.QuoteBid, bids, 1_024, 0);
        changed.Close();
    }

    private static void Write<T>(Hdf5File file, string name, T[] values, int rowsPerChunk, int width)
        where T : unmanaged
    {
        using Hdf5Column column = Hdf5Column.Create<T>(file, name, new Hdf5Chunking(rowsPerChunk, 0), width);
        column.Append(MemoryMarshal.AsBytes(values.AsSpan()), values.Length / Math.Max(1, width));
    }
}
