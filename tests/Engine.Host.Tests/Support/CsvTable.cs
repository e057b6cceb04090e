namespace Engine.Host.Tests.Support;

/// <summary>CSV as the program writes it where no field is quoted: a header, then a row a line.</summary>
internal sealed class CsvTable
{
    private CsvTable(string[] header, string[][] rows)
    {
        Header = header;
        Rows = rows;
    }

    /// <summary>Names of the columns.</summary>
    public string[] Header { get; }

    /// <summary>Rows, each as wide as the header.</summary>
    public string[][] Rows { get; }

    /// <summary>Reads what a run printed; the run must have gone well.</summary>
    public static CsvTable Of(EngineRun run, int exit = 0)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exit), run.ToString);
        return Parse(run.Output);
    }

    /// <summary>Reads CSV.</summary>
    public static CsvTable Parse(string text)
    {
        Assert.That(text, Does.EndWith("\n").And.Not.Contain("\"").And.Not.Contain("\r"));
        string[][] lines = [.. text[..^1].Split('\n').Select(l => l.Split(','))];
        Assert.That(lines.Select(l => l.Length).Distinct().Count(), Is.EqualTo(1), "every row is as wide as the header");
        return new CsvTable(lines[0], lines[1..]);
    }

    /// <summary>The fields of a column.</summary>
    public IEnumerable<string> Column(string name)
    {
        int index = Array.IndexOf(Header, name);
        Assert.That(index, Is.Not.Negative, $"column {name}");
        return Rows.Select(r => r[index]);
    }
}
