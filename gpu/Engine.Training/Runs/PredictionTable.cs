using System.Runtime.InteropServices;
using Engine.Core.Hdf5;
using Engine.Training.Evaluation;

namespace Engine.Training.Runs;

/// <summary>
/// What a model said, row by row, as a file of a run: columns `time`, `end`, `instrument`, `day`, `part` (0 train, 1 valid, 2 test),
/// `round`, `label`, `prediction`, and `volatility` where the contract has it; the names of instruments, days and rounds as attributes.
/// </summary>
internal sealed class PredictionTable
{
    /// <summary>The parts, by number.</summary>
    public static readonly string[] PartNames = ["train", "valid", "test"];

    private const string Time = "time", End = "end", Instrument = "instrument", Day = "day", Part = "part", Round = "round", Label = "label",
        Said = "prediction", Volatile = "volatility", Symbols = "symbols", Days = "days", Rounds = "rounds";

    private const int RowsPerChunk = 1 << 13;
    private const int Deflate = 4;

    /// <summary>Exchange times, ns.</summary>
    public required long[] Times { get; init; }

    /// <summary>Ends of the labels' spans, ns.</summary>
    public required long[] Ends { get; init; }

    /// <summary>Instruments, into <see cref="SymbolNames"/>.</summary>
    public required int[] Instruments { get; init; }

    /// <summary>Days, into <see cref="DayNames"/>.</summary>
    public required int[] DayNumbers { get; init; }

    /// <summary>Parts, into <see cref="PartNames"/>.</summary>
    public required byte[] Parts { get; init; }

    /// <summary>Rounds that predicted the rows, into <see cref="RoundNames"/>.</summary>
    public required int[] RoundNumbers { get; init; }

    /// <summary>Labels.</summary>
    public required float[] Labels { get; init; }

    /// <summary>Predictions.</summary>
    public required float[] Predictions { get; init; }

    /// <summary>Volatility at the row; empty where the contract has none.</summary>
    public required float[] Volatility { get; init; }

    /// <summary>Instruments by number.</summary>
    public required IReadOnlyList<string> SymbolNames { get; init; }

    /// <summary>Days by number.</summary>
    public required IReadOnlyList<string> DayNames { get; init; }

    /// <summary>Rounds by number.</summary>
    public required IReadOnlyList<string> RoundNames { get; init; }

    /// <summary>Rows.</summary>
    public int Rows => Times.Length;

    /// <summary>The rows of a part, by row of the table.</summary>
    public int[] RowsOf(string part)
    {
        int number = Array.IndexOf(PartNames, part);
        return [.. Enumerable.Range(0, Rows).Where(i => Parts[i] == number)];
    }

    /// <summary>Some rows for scores, each day and instrument a series.</summary>
    public Scored Scored(int[] rows) => new(
        [.. rows.Select(i => Predictions[i])], [.. rows.Select(i => Labels[i])], [.. rows.Select(i => Times[i])], [.. rows.Select(i => Ends[i])],
        [.. rows.Select(i => (DayNumbers[i] * SymbolNames.Count) + Instruments[i])]);

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    public void Write(string path)
    {
        using Hdf5File file = Hdf5File.Create(path, overwrite: true);
        Hdf5Attributes.Write(file, Symbols, SymbolNames);
        Hdf5Attributes.Write(file, Days, DayNames);
        Hdf5Attributes.Write(file, Rounds, RoundNames);
        Column<long>(file, Time, Times);
        Column<long>(file, End, Ends);
        Column<int>(file, Instrument, Instruments);
        Column<int>(file, Day, DayNumbers);
        Column<byte>(file, Part, Parts);
        Column<int>(file, Round, RoundNumbers);
        Column<float>(file, Label, Labels);
        Column<float>(file, Said, Predictions);
        if (Volatility.Length > 0)
        {
            Column<float>(file, Volatile, Volatility);
        }

        file.Close();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="Hdf5Exception">It is not that, or is damaged.</exception>
    public static PredictionTable Read(string path)
    {
        using Hdf5File file = Hdf5File.OpenRead(path);
        long[] times = Column<long>(file, Time, -1);
        return new PredictionTable
        {
            Times = times,
            Ends = Column<long>(file, End, times.Length),
            Instruments = Column<int>(file, Instrument, times.Length),
            DayNumbers = Column<int>(file, Day, times.Length),
            Parts = Column<byte>(file, Part, times.Length),
            RoundNumbers = Column<int>(file, Round, times.Length),
            Labels = Column<float>(file, Label, times.Length),
            Predictions = Column<float>(file, Said, times.Length),
            Volatility = file.Has("/" + Volatile) ? Column<float>(file, Volatile, times.Length) : [],
            SymbolNames = Texts(file, Symbols),
            DayNames = Texts(file, Days),
            RoundNames = Texts(file, Rounds),
        };
    }

    private static string[] Texts(Hdf5File file, string name) =>
        Hdf5Attributes.Find(file, name)?.Values is { } values ? [.. values] : throw new Hdf5Exception($"{file.Path}: has no attribute {name}; it is no predictions of a run");

    private static void Column<T>(Hdf5File file, string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using Hdf5Column column = Hdf5Column.Create<T>(file, "/" + name, new Hdf5Chunking(RowsPerChunk, Deflate));
        column.Append(MemoryMarshal.AsBytes(values), values.Length);
    }

    private static T[] Column<T>(Hdf5File file, string name, int rows)
        where T : unmanaged
    {
        using Hdf5Dataset dataset = Hdf5Dataset.Open(file, "/" + name);
        if (!dataset.Holds<T>() || dataset.Shape.Count != 1 || (rows >= 0 && dataset.Rows != rows) || dataset.Rows > Array.MaxLength)
        {
            throw new Hdf5Exception($"{file.Path}: column {name} is {dataset.Type} [{string.Join(" x ", dataset.Shape)}]; it is no predictions of a run");
        }

        var values = new T[dataset.Rows];
        dataset.Read<T>(0, values.Length, values);
        return values;
    }
}
