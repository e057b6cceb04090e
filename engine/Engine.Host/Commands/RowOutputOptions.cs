using System.CommandLine;
using Engine.Host.Output;

namespace Engine.Host.Commands;

/// <summary>Where rows go: `-o`, `-f`, `--format`, `-n`; the same for every command that prints rows.</summary>
internal sealed class RowOutputOptions
{
    private readonly Option<string?> _file = new("--output", "-o") { Description = "File to write; its ending (.csv, .jsonl) decides the format. Default stdout.", HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Overwrite a file that exists." };
    private readonly Option<string?> _format = new("--format") { Description = "csv or jsonl" };
    private readonly Option<long?> _limit = new("--limit", "-n") { Description = "Stop after this many rows.", HelpName = "N" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _format.AcceptOnlyFromAmong("csv", "jsonl");
        command.Add(_file);
        command.Add(_force);
        command.Add(_format);
        command.Add(_limit);
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
    public RowWriter Open(ParseResult parse, IReadOnlyList<string> columns) =>
        OutputFile.Open(parse.GetValue(_file), parse.GetValue(_format), parse.GetValue(_force), columns);
}
