using System.Globalization;
using Engine.Feeds.Network.Live;

namespace Engine.Host.Live;

/// <summary>Notices when a line falls silent, comes back, or overflows.</summary>
/// <param name="start">When the watch begins, ns since the Unix epoch.</param>
internal sealed class LineWatch(long start)
{
    private long _drops;
    private long _truncated;
    private long _silentSince;

    /// <summary>What there is to tell of a line.</summary>
    public IEnumerable<string> Update(LineStatus line, long now)
    {
        long last = line.LastTime == 0 ? start : line.LastTime;
        if (_silentSince == 0 && now - last >= LiveReporter.SilenceNanos)
        {
            _silentSince = last;
            yield return line.LastTime == 0
                ? Words($"line {line.Name}: nothing has come yet; is the group right, is it joined on the right interface, does the venue send?")
                : Words($"line {line.Name}: silent for {(now - last) / 1e9:F1} s");
        }
        else if (_silentSince != 0 && last > _silentSince)
        {
            yield return Words($"line {line.Name}: is back after {(last - _silentSince) / 1e9:F1} s");
            _silentSince = 0;
        }

        if (line.Drops > _drops)
        {
            yield return Words($"line {line.Name}: the kernel dropped {line.Drops - _drops:N0} packets, the receive buffer was full; raise receive_buffer_bytes and net.core.rmem_max");
            _drops = line.Drops;
        }

        if (line.Truncated > _truncated)
        {
            yield return Words($"line {line.Name}: {line.Truncated - _truncated:N0} packets were longer than a slot and lost their end");
            _truncated = line.Truncated;
        }
    }

    private static string Words(FormattableString text) => FormattableString.Invariant(text);
}
