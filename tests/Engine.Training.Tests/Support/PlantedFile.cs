using Engine.Core.Hdf5;
using Engine.Training.Canaries;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Support;

/// <summary>Changes a day's file as somebody would who wants a better score, or does not know what he does.</summary>
internal static class PlantedFile
{
    /// <summary>Writes the rows' places on the tape anew.</summary>
    /// <param name="path">The day.</param>
    /// <param name="change">Takes all places.</param>
    /// <param name="fixesHash">Write the hash that the rows have then.</param>
    public static void ChangePlaces(string path, Action<long[]> change, bool fixesHash)
    {
        long[] places;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            places = new long[file.Rows.Rows];
            file.ReadQuotesOfRows(0, new long[places.Length], new long[places.Length], places);
        }

        change(places);
        using (Hdf5File changed = Hdf5File.OpenWrite(path))
        {
            changed.Remove(DatasetFormat.Quote);
            PlantedDay.Write(changed, DatasetFormat.Quote, places, 1_024, 0);
            changed.Close();
        }

        if (fixesHash)
        {
            PlantedDay.FixRowsHash(path);
        }
    }

    /// <summary>Writes the latest time that the run saw anew.</summary>
    public static void ChangeEnd(string path, long nanos)
    {
        long entries;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            entries = file.Quotes;
        }

        using Hdf5File changed = Hdf5File.OpenWrite(path);
        changed.Remove(DatasetFormat.QuoteEnd);
        PlantedDay.Write(changed, DatasetFormat.QuoteEnd, new[] { entries, nanos }, DatasetFormat.EndEntries, 0);
        changed.Close();
    }

    /// <summary>Writes the hash that the tape has.</summary>
    public static void FixQuotesHash(string path)
    {
        string hash;
        using (DatasetFile file = DatasetFile.Open(path))
        {
            hash = file.ComputeQuotesHash();
        }

        using Hdf5File changed = Hdf5File.OpenWrite(path);
        changed.Remove(DatasetFormat.QuotesHash);
        PlantedDay.Write(changed, DatasetFormat.QuotesHash, Convert.FromHexString(hash), DatasetFormat.HashBytes, 0);
        changed.Close();
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
        PlantedDay.Write(changed, DatasetFormat.QuoteBid, bids, 1_024, 0);
        changed.Close();
    }
}
