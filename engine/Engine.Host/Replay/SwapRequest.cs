using System.Globalization;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>A model that is to take another's place in a replay.</summary>
/// <param name="Place">Which model of the command line it stands for.</param>
/// <param name="Path">Its file.</param>
/// <param name="Time">Exchange time from whose first event on, ns; <see cref="long.MaxValue"/> where a number says it.</param>
/// <param name="Event">Number of the event from which on; <see cref="long.MaxValue"/> where a time says it.</param>
internal sealed record SwapRequest(int Place, string Path, long Time, long Event)
{
    /// <summary>Reads `TIME=FILE` or `TIME@PLACE=FILE`.</summary>
    /// <exception cref="HostException">It is neither.</exception>
    public static SwapRequest Parse(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        string[] when = at < 0 ? [] : text[..at].Split('@');
        int place = 0;
        return when.Length is 1 or 2 && at + 1 < text.Length
            && long.TryParse(when[0], NumberStyles.None, CultureInfo.InvariantCulture, out long time) && time < long.MaxValue
            && (when.Length == 1 || int.TryParse(when[1], NumberStyles.None, CultureInfo.InvariantCulture, out place))
            ? new SwapRequest(place, text[(at + 1)..], time, long.MaxValue)
            : throw new HostException(ExitCodes.Usage, $"--swap {text}: write TIME=FILE, or TIME@PLACE=FILE: the exchange time in ns, the place of the model on the command line (0 for the first), and the next model's file");
    }

    /// <summary>The swaps that a log tells of, with the files that are to stand for them.</summary>
    /// <param name="swaps">What the log says.</param>
    /// <param name="paths">A file for each.</param>
    public static SwapRequest[] Of(IReadOnlyList<ModelRecord> swaps, IEnumerable<string> paths) =>
        [.. swaps.Zip(paths, (s, path) => new SwapRequest(s.Place, path, long.MaxValue, s.Event))];

    /// <summary>The swaps of a log as its head would name their files.</summary>
    public static IEnumerable<LoggedFile> Files(IEnumerable<ModelRecord> swaps) =>
        swaps.Select(s => new LoggedFile(string.Create(CultureInfo.InvariantCulture, $"model {s.Model}, which took the place of model {s.Replaced} at event {s.Event:N0}"), 0, s.Sha256.ToString()));
}
