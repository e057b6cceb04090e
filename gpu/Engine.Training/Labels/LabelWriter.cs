using System.Runtime.InteropServices;
using Engine.Core.Hdf5;
using Engine.Recording.Hdf5;
using Engine.Training.Datasets;

namespace Engine.Training.Labels;

/// <summary>
/// Adds a label to the days of a data set. It is added to a copy, which takes the day's name when it is whole, so that a day is never
/// without its rows or half labelled, wherever the run is stopped. Holds one day's tape and a chunk of rows.
/// </summary>
public static class LabelWriter
{
    private const int RowsPerChunk = 1 << 16;

    /// <summary>Labels a day, unless it has the label already.</summary>
    /// <param name="path">The day's file.</param>
    /// <param name="name">The label's name.</param>
    /// <param name="definition">What it says.</param>
    /// <param name="overwrite">Replace a label of this name and another definition.</param>
    /// <param name="deflate">Level of compression, 0 to 9.</param>
    /// <param name="summary">Takes every row's label.</param>
    /// <param name="given">The labels, where the definition is of given ones; they are kept beside the day.</param>
    /// <returns>Whether the day had the label.</returns>
    /// <exception cref="DatasetException">It has another label of this name.</exception>
    /// <exception cref="Hdf5Exception">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static bool Add(string path, string name, LabelDefinition definition, bool overwrite, int deflate, LabelSummary summary, GivenLabels? given = null)
    {
        using DatasetFile file = DatasetFile.Open(path);
        string? there = file.LabelDefinition(name);
        if (there is not null && there != definition.CanonicalJson && !overwrite)
        {
            throw new DatasetException($"{path}: has a label {name} already, which is {there}; pass -f to replace it, or --name for another name");
        }

        given?.Keep(Path.GetDirectoryName(path) ?? "", name);
        DayLabels labels = DayLabels.Of(file, definition, given);
        if (there == definition.CanonicalJson)
        {
            ForEachChunk(file, labels, (values, _, causes) => Summarise(values, causes, summary));
            return true;
        }

        string partial = path + DatasetFormat.PartialEnding;
        File.Copy(path, partial, overwrite: true);
        using (Hdf5File copy = Hdf5File.OpenWrite(partial))
        {
            Write(copy, file, name, definition, labels, deflate, summary, isReplacing: there is not null);
        }

        File.Move(partial, path, overwrite: true);
        return false;
    }

    /// <summary>Computes a label over a day, a chunk of rows at a time.</summary>
    /// <param name="file">The day.</param>
    /// <param name="labels">What makes it.</param>
    /// <param name="chunk">Takes values, ends and causes of the next rows.</param>
    internal static void ForEachChunk(DatasetFile file, DayLabels labels, Action<float[], long[], MissingCause[]> chunk)
    {
        for (long start = 0; start < file.Rows.Rows; start += RowsPerChunk)
        {
            int count = (int)Math.Min(RowsPerChunk, file.Rows.Rows - start);
            var (times, instruments, trusts) = (new long[count], new int[count], new byte[count]);
            var (bids, asks, places) = (new long[count], new long[count], new long[count]);
            var (values, ends, causes) = (new float[count], new long[count], new MissingCause[count]);
            file.ReadColumn(FeatureFileFormat.Time, start, times.AsSpan());
            file.ReadColumn(FeatureFileFormat.Instrument, start, instruments.AsSpan());
            file.ReadColumn(FeatureFileFormat.Trust, start, trusts.AsSpan());
            file.ReadQuotesOfRows(start, bids, asks, places);
            for (int i = 0; i < count; i++)
            {
                (values[i], ends[i], causes[i]) = labels.Of(start + i, instruments[i], new LabelledRow(times[i], bids[i], asks[i], places[i], trusts[i]));
            }

            chunk(values, ends, causes);
        }
    }

    private static void Write(
        Hdf5File copy, DatasetFile file, string name, LabelDefinition definition, DayLabels labels, int deflate, LabelSummary summary, bool isReplacing)
    {
        string path = DatasetFile.LabelPath(name);
        if (isReplacing)
        {
            copy.Remove(path);
            copy.Remove(path + DatasetFormat.EndSuffix);
        }
        else if (!copy.Has(DatasetFormat.Labels))
        {
            copy.CreateGroup(DatasetFormat.Labels);
        }

        var chunking = new Hdf5Chunking(FeatureFileFormat.RowsPerChunk(1), deflate);
        using (Hdf5Column column = Hdf5Column.Create<float>(copy, path, chunking, fill: float.NaN))
        using (Hdf5Column spans = Hdf5Column.Create<long>(copy, path + DatasetFormat.EndSuffix, chunking))
        {
            ForEachChunk(file, labels, (values, ends, causes) =>
            {
                column.Append(MemoryMarshal.AsBytes(values.AsSpan()), values.Length);
                spans.Append(MemoryMarshal.AsBytes(ends.AsSpan()), ends.Length);
                Summarise(values, causes, summary);
            });
        }

        Hdf5Attributes.WriteTo(copy, path, DatasetFormat.Definition, definition.CanonicalJson);
        Hdf5Attributes.WriteTo(copy, path, DatasetFormat.DefinitionHash, definition.Hash);
        copy.Close();
    }

    private static void Summarise(float[] values, MissingCause[] causes, LabelSummary summary)
    {
        for (int i = 0; i < values.Length; i++)
        {
            summary.Add(values[i], causes[i]);
        }
    }
}
