using System.CommandLine;
using Engine.Core.Text;

namespace Engine.Lab;

/// <summary>Turns the parser's complaints into one line each.</summary>
internal static class UsageErrors
{
    private const int FarthestSuggestion = 3;

    /// <summary>The first complaint as one line, or null when the command line is fine.</summary>
    public static string? Describe(ParseResult parsed)
    {
        string path = CommandPath(parsed);
        string help = $"see '{path} --help'";
        Command command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string token = parsed.UnmatchedTokens[0];
            string what = token.StartsWith('-') ? "unknown option"
                : command.Subcommands.Count > 0 ? "unknown command"
                : "unexpected argument";
            string? nearest = Nearest(token, Names(command));
            return $"{path}: {what} '{token}'; {(nearest is null ? help : $"did you mean '{nearest}'? {help}")}";
        }

        if (parsed.Errors.Count > 0)
        {
            string message = parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
            return $"{path}: {message}; {help}";
        }

        return null;
    }

    /// <summary>The command's name with those of its parents, from <c>lab</c>.</summary>
    public static string CommandPath(ParseResult parsed)
    {
        string path = "";
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult result)
            {
                string name = result.Command is RootCommand ? "lab" : result.Command.Name;
                path = path.Length == 0 ? name : $"{name} {path}";
            }
        }

        return path;
    }

    /// <summary>An option's value that is none of its words, with the nearest.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">What it was given.</param>
    /// <param name="words">What it knows.</param>
    public static UsageException Unknown(string option, string value, IReadOnlyList<string> words) =>
        new($"{option} '{value}' is unknown; {(Nearest(value, words) is { } nearest ? $"did you mean '{nearest}'? " : "")}use {string.Join(", ", words)}");

    private static IEnumerable<string> Names(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Concat(command.Subcommands.Select(sub => sub.Name));

    private static string? Nearest(string token, IEnumerable<string> names)
    {
        string? nearest = null;
        int least = FarthestSuggestion + 1;
        foreach (string name in names)
        {
            int distance = EditDistance.Of(token, name);
            if (distance < least && distance < Math.Max(name.Length, token.Length) - 1)
            {
                least = distance;
                nearest = name;
            }
        }

        return nearest;
    }
}
