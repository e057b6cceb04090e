using Engine.Core.Hdf5;
using Engine.Features;
using Engine.Recording.Hdf5;

namespace Engine.Training.Datasets;

/// <summary>Loads days of a data set with one label into memory.</summary>
public static class TrainingDataLoader
{
    /// <summary>Loads rows in the order of <see cref="TrainingData"/>.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="label">Name of the label.</param>
    /// <param name="dayIds">Which days; null for all.</param>
    /// <param name="withFeatures">Whether features are loaded too; without them <see cref="TrainingData.Features"/> is empty.</param>
    /// <exception cref="DatasetException">A day or a label is not there, days have other contracts, or they do not fit into memory.</exception>
    /// <exception cref="Hdf5Exception">A file is damaged.</exception>
    public static TrainingData Load(string folder, string label, IReadOnlyCollection<string>? dayIds = null, bool withFeatures = true)
    {
        DatasetManifest manifest = DatasetManifest.Read(folder);
        DatasetDay[] days = Choose(manifest, folder, dayIds);
        FeatureContract? contract = null;
        string? definition = null;
        long rows = days.Sum(d => d.Rows);
        var symbols = new SymbolList();
        Arrays? arrays = null;
        foreach ((int number, DatasetDay day) in days.Index())
        {
            using DatasetFile file = Open(folder, day);
            FeatureContract own = file.Rows.Head.Contract;
            string ownDefinition = file.LabelDefinition(label)
                ?? throw new DatasetException($"{file.Path}: has no label {label} (it has: {string.Join(", ", file.LabelNames())}); add it: lab label {folder} --name {label} …");
            if ((contract ??= own).FirstDifference(own) is { } difference)
            {
                throw new DatasetException($"{file.Path}: contract mismatch with the days before it: {difference}; build the data set anew", isData: true);
            }

            if ((definition ??= ownDefinition) != ownDefinition)
            {
                throw new DatasetException($"{file.Path}: label {label} is {ownDefinition}, and {definition} in the days before it; label the data set anew with -f", isData: true);
            }

            arrays ??= Arrays.Of(rows, own.Count, withFeatures, folder);
            arrays.Take(file, number, label, symbols);
        }

        if (arrays is null || contract is null)
        {
            throw new DatasetException($"{folder}: no day is chosen");
        }

        return new TrainingData
        {
            Contract = contract,
            Features = arrays.Features,
            Label = label,
            LabelDefinition = definition!,
            Labels = arrays.Labels,
            Times = arrays.Times,
            Ends = arrays.Ends,
            Instruments = arrays.Instruments,
            Symbols = symbols.Names,
            Days = arrays.Days,
            DayIds = [.. days.Select(d => d.Id)],
            DayHashes = [.. days.Select(d => d.RowsHash)],
        };
    }

    private static DatasetDay[] Choose(DatasetManifest manifest, string folder, IReadOnlyCollection<string>? dayIds)
    {
        if (dayIds?.FirstOrDefault(id => manifest.Days.All(d => d.Id != id)) is { } unknown)
        {
            throw new DatasetException($"{folder}: has no day '{unknown}'; it has {string.Join(", ", manifest.Days.Select(d => d.Id))}");
        }

        return [.. manifest.Days.Where(d => dayIds is null || dayIds.Contains(d.Id, StringComparer.Ordinal))];
    }

    private static DatasetFile Open(string folder, DatasetDay day)
    {
        DatasetFile file = DatasetFile.Open(Path.Combine(folder, day.FileName));
        if (file.Rows.Rows == day.Rows && file.RowsHash == day.RowsHash)
        {
            return file;
        }

        file.Dispose();
        throw new DatasetException($"{file.Path}: is not the file that {DatasetManifest.FileName} describes; run lab dataset again", isData: true);
    }

    /// <summary>The columns of the rows, filled day by day.</summary>
    private sealed class Arrays
    {
        private int _filled;
        private int _width;

        public required float[] Features { get; init; }
        public required float[] Labels { get; init; }
        public required long[] Times { get; init; }
        public required long[] Ends { get; init; }
        public required int[] Instruments { get; init; }
        public required int[] Days { get; init; }

        public static Arrays Of(long rows, int width, bool withFeatures, string folder) => rows * (withFeatures ? width : 1) <= TrainingData.MaxValues
            ? new Arrays
            {
                _width = width,
                Features = new float[withFeatures ? rows * width : 0],
                Labels = new float[rows],
                Times = new long[rows],
                Ends = new long[rows],
                Instruments = new int[rows],
                Days = new int[rows],
            }
            : throw new DatasetException(FormattableString.Invariant($"{folder}: {rows:N0} rows of {width} features are {rows * width:N0} values; {TrainingData.MaxValues:N0} fit, so choose fewer days, or a sampling with fewer rows"));

        /// <summary>Adds a day, its rows by time and, at one time, in the order of the file.</summary>
        public void Take(DatasetFile file, int day, string label, SymbolList symbols)
        {
            int count = (int)file.Rows.Rows;
            int[] places = Places(file, count);
            int[] instruments = [.. file.Rows.Symbols.Select(symbols.IndexOf)];
            var labels = new float[count];
            var ends = new long[count];
            file.ReadLabel(label, 0, labels, ends);
            using var block = new FeatureRowBlock(_width);
            for (int start = 0; file.Rows.Read(start, block) is > 0 and var read; start += read)
            {
                for (int i = 0; i < read; i++)
                {
                    int to = _filled + places[start + i];
                    if (Features.Length > 0)
                    {
                        block.Row(i).CopyTo(Features.AsSpan(to * _width));
                    }

                    Times[to] = block.Times[i];
                    Instruments[to] = instruments[block.Instruments[i]];
                    Labels[to] = labels[start + i];
                    Ends[to] = ends[start + i];
                    Days[to] = day;
                }
            }

            _filled += count;
        }

        private static int[] Places(DatasetFile file, int count)
        {
            var times = new long[count];
            file.ReadColumn(FeatureFileFormat.Time, 0, times.AsSpan());
            int[] order = [.. Enumerable.Range(0, count)];
            Array.Sort(order, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
            var places = new int[count];
            for (int i = 0; i < count; i++)
            {
                places[order[i]] = i;
            }

            return places;
        }
    }

    /// <summary>Symbols in the order of their first days, each with its place.</summary>
    private sealed class SymbolList
    {
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
        private readonly List<string> _names = [];

        public IReadOnlyList<string> Names => _names;

        public int IndexOf(string symbol)
        {
            if (!_places.TryGetValue(symbol, out int place))
            {
                place = _names.Count;
                _places.Add(symbol, place);
                _names.Add(symbol);
            }

            return place;
        }
    }
}
