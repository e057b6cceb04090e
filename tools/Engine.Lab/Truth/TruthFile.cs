using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Engine.Simulator.Market.Known;

namespace Engine.Lab.Truth;

/// <summary>The values of one instrument, row by row, in order of time.</summary>
internal sealed class TruthSeries
{
    /// <summary>Unix nanoseconds of each row.</summary>
    public List<long> Times { get; } = [];

    /// <summary>The values of each row, one after the other.</summary>
    public List<double> Values { get; } = [];
}

/// <summary>What <c>lab sim --alpha</c> writes beside a capture, read back: the head tells the model.</summary>
internal sealed class TruthFile
{
    private const string HeadMark = "# ";
    private const int FixedColumns = 2;
    private readonly string _path;

    private TruthFile(string path, AlphaModel model)
    {
        _path = path;
        Model = model;
    }

    /// <summary>The day's model.</summary>
    public AlphaModel Model { get; }

    /// <summary>Size of a tick in dollars.</summary>
    public double Tick { get; private init; }

    /// <summary>The values by symbol, in ordinal order.</summary>
    public SortedDictionary<string, TruthSeries> Instruments { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file; <c>.gz</c> is decompressed.</summary>
    /// <exception cref="TruthException">It is no such file, or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TruthFile Read(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        try
        {
            TruthFile truth = Head(path, reader.ReadLine());
            truth.ReadRows(reader);
            return truth;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or InvalidDataException)
        {
            throw new TruthException($"'{path}' is no truth of an alpha day ({e.GetType().Name}); make one with 'lab sim --alpha'");
        }
    }

    private static TruthFile Head(string path, string? line)
    {
        if (line is null || !line.StartsWith(HeadMark, StringComparison.Ordinal))
        {
            throw new TruthException($"'{path}' has no head; give the truth that 'lab sim --alpha' writes beside a capture");
        }

        using JsonDocument json = JsonDocument.Parse(line[HeadMark.Length..]);
        JsonElement head = json.RootElement;
        string kind = head.GetProperty("truth").GetString() ?? "";
        if (kind != "alpha")
        {
            throw new TruthException($"'{path}' is the truth of a day of kind '{kind}', which has no best forecast; give one of 'lab sim --alpha'");
        }

        AlphaComponent[] components =
        [
            .. head.GetProperty("components").EnumerateArray().Select(c => new AlphaComponent(
                c.GetProperty("name").GetString() ?? "", c.GetProperty("decay_s").GetDouble(), c.GetProperty("drift_ticks_per_s").GetDouble(),
                c.GetProperty("between_rows").GetString() == "fades")),
        ];
        if (components.Length == 0 || !components.All(c => c.DecaySeconds > 0 && double.IsFinite(c.DecaySeconds + c.DriftTicksPerSecond)))
        {
            throw new TruthException($"'{path}', line 1: no components, or one without a finite drift and a decay above 0");
        }

        var model = new AlphaModel(head.GetProperty("strength").GetDouble(), head.GetProperty("jumps_per_s").GetDouble(), components);
        return new TruthFile(path, model) { Tick = head.GetProperty("tick").GetDouble() };
    }

    private void ReadRows(StreamReader reader)
    {
        string expected = $"time_ns,symbol,{string.Join(',', Model.Components.Select(c => c.Name))}";
        if (reader.ReadLine() != expected)
        {
            throw new TruthException($"'{_path}', line 2: the columns are not {expected}");
        }

        int number = 2;
        while (reader.ReadLine() is string line)
        {
            number++;
            string[] cells = line.Split(',');
            if (cells.Length != FixedColumns + Model.Components.Count)
            {
                throw new TruthException($"'{_path}', line {number}: {cells.Length} cells; was the file cut?");
            }

            long time = long.Parse(cells[0], CultureInfo.InvariantCulture);
            if (!Instruments.TryGetValue(cells[1], out TruthSeries? series))
            {
                Instruments.Add(cells[1], series = new TruthSeries());
            }

            if (series.Times.Count > 0 && time < series.Times[^1])
            {
                throw new TruthException($"'{_path}', line {number}: its time is before that of the row before");
            }

            series.Times.Add(time);
            series.Values.AddRange(cells.Skip(FixedColumns).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)));
        }
    }
}
