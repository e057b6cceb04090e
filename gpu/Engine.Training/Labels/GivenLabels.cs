using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engine.Training.Datasets;

namespace Engine.Training.Labels;

/// <summary>A label that somebody gives.</summary>
/// <param name="Symbol">The instrument.</param>
/// <param name="Time">Exchange time of the row that it is of, ns since the Unix epoch.</param>
/// <param name="Value">It.</param>
/// <param name="End">When it was known, ns since the Unix epoch; not before <paramref name="Time"/>.</param>
public readonly record struct GivenLabel(string Symbol, long Time, float Value, long End);

/// <summary>
/// Labels from csv files: a head that names at least <c>time_ns</c>, <c>symbol</c>, <c>end_ns</c> and the column of the value, then a line a label;
/// lines before the head that begin with # say nothing. In order of symbol and time, and no two of one symbol and time.
/// </summary>
/// <remarks>
/// A data set keeps them beside its days as they were understood (<see cref="Keep"/>), so that a label can be made again from them at any time:
/// <code>
///   time_ns,symbol,value,end_ns
/// </code>
/// </remarks>
public sealed class GivenLabels
{
    /// <summary>Most labels.</summary>
    public const int MaxLabels = 50_000_000;

    /// <summary>Most characters of a line.</summary>
    public const int MaxLine = 1 << 16;

    /// <summary>The column of the value unless another is named.</summary>
    public const string UsualColumn = "value";

    private const string TimeColumn = "time_ns", SymbolColumn = "symbol", EndColumn = "end_ns";
    private const string Ending = ".labels.csv";

    private readonly GivenLabel[] _labels;
    private readonly Dictionary<string, (int From, int To)> _symbols = new(StringComparer.Ordinal);

    private GivenLabels(GivenLabel[] labels)
    {
        _labels = labels;
        for (int i = 0; i < labels.Length; i++)
        {
            (int from, int _) = _symbols.GetValueOrDefault(labels[i].Symbol, (i, i));
            _symbols[labels[i].Symbol] = (from, i + 1);
            LongestNanos = Math.Max(LongestNanos, labels[i].End - labels[i].Time);
        }

        using SHA256 sha = SHA256.Create();
        using (var hashed = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            WriteTo(hashed);
        }

        Hash = Convert.ToHexStringLower(sha.Hash!);
    }

    /// <summary>How many there are.</summary>
    public int Count => _labels.Length;

    /// <summary>The longest span, ns.</summary>
    public long LongestNanos { get; }

    /// <summary>SHA-256 over all of them, lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>Reads files.</summary>
    /// <param name="paths">The files; one or more.</param>
    /// <param name="column">The column of the value.</param>
    /// <param name="one">A text: cells that are it are 1, others 0. Null: cells are numbers.</param>
    /// <exception cref="DatasetException">A file says something else, twice the same, or nothing.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static GivenLabels Read(IReadOnlyList<string> paths, string column = UsualColumn, string? one = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var labels = new List<GivenLabel>();
        foreach (string path in paths)
        {
            ReadFile(path, column, one, labels);
        }

        string where = string.Join(", ", paths);
        GivenLabel[] sorted = [.. labels];
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Symbol, b.Symbol) is not 0 and var order ? order : a.Time.CompareTo(b.Time));
        int twice = Enumerable.Range(1, Math.Max(0, sorted.Length - 1)).FirstOrDefault(i => sorted[i].Symbol == sorted[i - 1].Symbol && sorted[i].Time == sorted[i - 1].Time);
        if (twice > 0)
        {
            throw Wrong(where, $"two labels of {sorted[twice].Symbol} at {sorted[twice].Time}; leave one");
        }

        if (sorted.Length == 0 || sorted.All(l => l.End == l.Time))
        {
            throw Wrong(where, sorted.Length == 0 ? "no labels" : "no label looks beyond its own time: say in end_ns when each was known");
        }

        return one is null || sorted.Any(l => l.Value != 0)
            ? new GivenLabels(sorted)
            : throw new DatasetException($"{where}: no cell of {column} is '{one}'");
    }

    /// <summary>Reads what <see cref="Keep"/> wrote.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="name">The label's name.</param>
    /// <exception cref="DatasetException">It is not there, or was damaged.</exception>
    public static GivenLabels ReadKept(string folder, string name)
    {
        string path = KeptPath(folder, name);
        return File.Exists(path) ? Read([path])
            : throw new DatasetException($"{path}: is missing, and label {name} was made from it; label the data set anew with --from", isData: true);
    }

    /// <summary>Writes them beside the days of a data set, unless they are there.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="name">The label's name.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Keep(string folder, string name)
    {
        string path = KeptPath(folder, name);
        if (File.Exists(path) && HashOf(path) == Hash)
        {
            return;
        }

        string partial = path + DatasetFormat.PartialEnding;
        using (FileStream file = File.Create(partial))
        {
            WriteTo(file);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>The label of a symbol at a time.</summary>
    /// <param name="symbol">The instrument.</param>
    /// <param name="time">Exchange time, ns.</param>
    /// <param name="label">It.</param>
    /// <returns>False where there is none.</returns>
    public bool TryFind(string symbol, long time, out GivenLabel label)
    {
        (int from, int to) = _symbols.GetValueOrDefault(symbol);
        int end = to;
        while (from < to)
        {
            int middle = from + ((to - from) / 2);
            (from, to) = _labels[middle].Time < time ? (middle + 1, to) : (from, middle);
        }

        bool isThere = from < end && _labels[from].Time == time;
        label = isThere ? _labels[from] : default;
        return isThere;
    }

    /// <summary>Where a data set keeps the labels that one of its own was made from.</summary>
    internal static string KeptPath(string folder, string name) => Path.Combine(folder, name + Ending);

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static DatasetException Wrong(string where, string what) => new($"{where}: {what}", isData: true);

    private static void ReadFile(string path, string column, string? one, List<GivenLabel> labels)
    {
        using var reader = new StreamReader(path);
        string[] head = [];
        var columns = default(Columns);
        var lines = new BoundedLines(reader, MaxLine);
        for (int number = 1; lines.Read(out bool isTooLong) is var line && (line is not null || isTooLong); number++)
        {
            string where = FormattableString.Invariant($"{path}, line {number}");
            if (line is null || labels.Count >= MaxLabels)
            {
                throw Wrong(where, line is null ? FormattableString.Invariant($"more than {MaxLine:N0} characters") : FormattableString.Invariant($"more than {MaxLabels:N0} labels"));
            }

            if (head.Length > 0)
            {
                labels.Add(columns.Label(line.Split(','), head.Length, one, where));
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                head = line.Split(',');
                columns = Columns.Of(head, column, where);
            }
        }
    }

    private void WriteTo(Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: -1, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine($"{TimeColumn},{SymbolColumn},{UsualColumn},{EndColumn}");
        foreach (GivenLabel label in _labels)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label.Time},{label.Symbol},{label.Value:R},{label.End}"));
        }
    }

    /// <summary>Where the parts of a label stand in a line.</summary>
    private readonly record struct Columns(int Time, int Symbol, int Value, int End, string ValueName)
    {
        public static Columns Of(string[] head, string column, string where)
        {
            int Find(string name) => Array.IndexOf(head, name) is >= 0 and var at ? at
                : throw Wrong(where, $"the head has no column {name}; it has {string.Join(", ", head)}");
            return new Columns(Find(TimeColumn), Find(SymbolColumn), Find(column), Find(EndColumn), column);
        }

        public GivenLabel Label(string[] cells, int expected, string? one, string where)
        {
            if (cells.Length != expected)
            {
                throw Wrong(where, FormattableString.Invariant($"{cells.Length} cells, and the head has {expected}; was the file cut?"));
            }

            float value = cells[Value] == one ? 1 : 0;
            if (!long.TryParse(cells[Time], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long time)
                || !long.TryParse(cells[End], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long end)
                || cells[Symbol].Length == 0
                || (one is null && (!float.TryParse(cells[Value], NumberStyles.Float, CultureInfo.InvariantCulture, out value) || !float.IsFinite(value))))
            {
                throw Wrong(where, $"{TimeColumn} {cells[Time]}, {SymbolColumn} '{cells[Symbol]}', {ValueName} {cells[Value]}, {EndColumn} {cells[End]}: two times in ns, a name and a finite number are expected");
            }

            return end >= time && end - (decimal)time <= LabelHorizon.MaxNanos
                ? new GivenLabel(cells[Symbol], time, value, end)
                : throw Wrong(where, $"it ends at {end}: at or after its time {time}, and at most a week later, is expected");
        }
    }
}
