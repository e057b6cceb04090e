using System.CommandLine;
using Engine.Host.Output;

namespace Engine.Host.Commands;

/// <summary>Where rows go: `-o`, `-f`, `--format`, `-n`; the same for every command that prints rows.</summary>
/// <param name="allowsHdf5">Whether the command writes HDF5 too.</param>
internal sealed class RowOutputOptions(bool allowsHdf5 = false)
{
    private const string Hdf5Format = "h5";
    private const int MostDeflate = 9;

    private readonly Option<string?> _file = new("--output", "-o") { Description = $"File to write; its ending (.csv, .jsonl{(allowsHdf5 ? ", .h5" : "")}) decides the format. Default stdout.", HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Overwrite a file that exists." };
    private readonly Option<string?> _format = new("--format") { Description = allowsHdf5 ? "csv, jsonl or h5" : "csv or jsonl" };
    private readonly Option<long?> _limit = new("--limit", "-n") { Description = "Stop after this many rows.", HelpName = "N" };
    private readonly Option<int?> _deflate = new("--deflate") { Description = "Compress a .h5 file, 1 (fast) to 9 (small); default 0, not at all.", HelpName = "N" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _format.AcceptOnlyFromAmong(allowsHdf5 ? ["csv", "jsonl", Hdf5Format] : ["csv", "jsonl"]);
        command.Add(_file);
        command.Add(_force);
        command.Add(_format);
        command.Add(_limit);
        if (allowsHdf5)
        {
            command.Add(_deflate);
        }
    }

    /// <summary>Whether rows were asked for in any way.</summary>
    public bool IsAsked(ParseResult parse) => parse.GetValue(_file) is not null || parse.GetValue(_format) is not null;

    /// <summary>Most rows to write.</summary>
    public long Limit(ParseResult parse)
    {
        long limit = parse.GetValue(_limit) ?? long.MaxValue;
        return limit >= 0 ? limit : throw new HostException(ExitCodes.Usage, $"-n {limit}: a number of rows, 0 or more");
    }

    /// <summary>Opens the destination.</summary>
    public RowWriter Open(ParseResult parse, IReadOnlyList<string> columns)
    {
        if (Hdf5(parse) is { } hdf5)
        {
            throw new HostException(ExitCodes.Usage, $"{hdf5.Path}: these rows are not written to HDF5; the endings are .csv and .jsonl");
        }

        if (allowsHdf5 && parse.GetValue(_deflate) is not null)
        {
            throw new HostException(ExitCodes.Usage, "--deflate is for .h5 files; name one with -o, or leave it out");
        }

        return OutputFile.Open(parse.GetValue(_file), parse.GetValue(_format), parse.GetValue(_force), columns, allowsHdf5);
    }

    /// <summary>The HDF5 file that is to be written; null where rows go elsewhere.</summary>
    public Hdf5Output? Hdf5(ParseResult parse)
    {
        string? path = parse.GetValue(_file);
        string? format = parse.GetValue(_format);
        if (!allowsHdf5 || !(format == Hdf5Format || (format is null && path is not null && OutputFile.IsHdf5(path))))
        {
            return null;
        }

        if (path is null or "-")
        {
            throw new HostException(ExitCodes.Usage, "HDF5 cannot be written to standard output; name a file: -o FILE.h5");
        }

        int deflate = parse.GetValue(_deflate) ?? 0;
        if (deflate is < 0 or > MostDeflate)
        {
            throw new HostException(ExitCodes.Usage, $"--deflate {deflate}: 0 to {MostDeflate}");
        }

        bool overwrite = parse.GetValue(_force);
        if (!overwrite && File.Exists(path))
        {
            throw new HostException(ExitCodes.Usage, $"{path} exists already; give -f to overwrite it, or another name");
        }

        return new Hdf5Output(path, overwrite, deflate);
    }
}

/// <summary>An HDF5 file to write.</summary>
/// <param name="Path">Where.</param>
/// <param name="Overwrite">Replace a file that is there.</param>
/// <param name="Deflate">Level of compression, 0 to 9.</param>
internal sealed record Hdf5Output(string Path, bool Overwrite, int Deflate);
