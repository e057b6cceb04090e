using System.Globalization;
using Engine.Feeds;

namespace Engine.Host.Commands;

/// <summary>What every command says on stderr about its source when it is done, and the exit code that follows.</summary>
internal static class SourceReport
{
    /// <summary>Says what was out of the ordinary.</summary>
    /// <param name="source">The source.</param>
    /// <param name="isRead">It was read to its end; before it nothing can be said of symbols that did not occur yet.</param>
    /// <returns>The exit code: 1 after a fault or a missing symbol.</returns>
    public static int Finish(MarketDataSource source, bool isRead)
    {
        int exit = ExitCodes.Ok;
        if (source.DateSource == "none" && source.Statistics.Messages > 0)
        {
            Console.Error.WriteLine("engine: note: the capture has no date, so times are nanoseconds since midnight in New York; give --date yyyy-MM-dd for UTC");
        }

        string irregular = string.Join(", ", source.Statistics.Irregularities().Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Key} {i.Value:N0}")));
        if (irregular.Length > 0)
        {
            Console.Error.WriteLine($"engine: note: {irregular}");
        }

        if (source.Fault is { } fault)
        {
            Console.Error.WriteLine($"engine: {fault.Sentence}");
            exit = ExitCodes.Data;
        }

        foreach (string symbol in isRead ? source.Instruments.Missing() : [])
        {
            Console.Error.WriteLine($"engine: symbol {symbol} never occurs in the capture; see `engine inspect` for the {source.Instruments.Count:N0} that do");
            exit = ExitCodes.Data;
        }

        return exit;
    }
}
