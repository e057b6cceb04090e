using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Core.Time;
using Engine.Feeds;
using Engine.Feeds.Network.Live;
using Engine.Host.Replay;

namespace Engine.Host.Live;

/// <summary>
/// Tells on stderr, a line each, what happens to a live feed: losses and recoveries, streams that begin and end, lines that fall
/// silent, buffers that overflow. On SIGUSR1 it prints the counters.
/// </summary>
internal sealed class LiveReporter : IDisposable
{
    /// <summary>How long a line may be silent before it is told, ns: venues send heartbeats each second.</summary>
    public const long SilenceNanos = 5_000_000_000;

    private const int LinesAtOnce = 40;
    private const int UserSignal1 = 10;

    private readonly WallClock _clock = new();
    private readonly TextWriter _output;
    private readonly FeedNotices _notices;
    private readonly PosixSignalRegistration _signal;
    private readonly List<LineWatch> _lines = [];
    private readonly long _start;
    private long _missed;
    private long _faults;
    private bool _hasToldRecord;
    private int _asked;

    /// <param name="notices">What the feed tells.</param>
    /// <param name="output">Where people read it.</param>
    public LiveReporter(FeedNotices notices, TextWriter output)
    {
        _notices = notices;
        _output = output;
        _start = _clock.NowNanos;
        _signal = PosixSignalRegistration.Create((PosixSignal)UserSignal1, context =>
        {
            context.Cancel = true;
            Interlocked.Exchange(ref _asked, 1);
        });
    }

    /// <summary>Tells what has happened since the last call; a few times a second.</summary>
    public void Tick(RunView view)
    {
        Drain(view.Source);
        Watch(view.Source.Lines);
        TellFault(view.Source.Lines);
        if (Interlocked.Exchange(ref _asked, 0) != 0)
        {
            LiveCounters.Write(view, _output);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();

    /// <summary>Tells something that happened now.</summary>
    public void Tell(string words) => Tell(_clock.NowNanos, words);

    private void Drain(MarketDataSource source)
    {
        int told = 0;
        int untold = 0;
        while (_notices.TryTake(out FeedNotice notice))
        {
            if (told++ < LinesAtOnce)
            {
                Tell(notice.Time, NoticeText.Of(notice, source));
            }
            else
            {
                untold++;
            }
        }

        long missed = _notices.Missed - _missed;
        _missed += missed;
        if (untold + missed > 0)
        {
            Tell(_clock.NowNanos, string.Create(CultureInfo.InvariantCulture, $"and {untold + missed:N0} things more in the same moment; the counters have them all"));
        }
    }

    private void Watch(ILineStatus? lines)
    {
        for (int i = 0; i < (lines?.LineCount ?? 0); i++)
        {
            if (i == _lines.Count)
            {
                _lines.Add(new LineWatch(_start));
            }

            foreach (string words in _lines[i].Update(lines!.Line(i), _clock.NowNanos))
            {
                Tell(_clock.NowNanos, words);
            }
        }
    }

    private void TellFault(ILineStatus? lines)
    {
        if (lines?.Faults is { } faults && faults.Count != _faults)
        {
            // Only the last one's words are there.
            long untold = faults.Count - _faults - 1;
            Tell(_clock.NowNanos, untold > 0 ? string.Create(CultureInfo.InvariantCulture, $"{faults.Last} (and {untold:N0} faults right before it)") : faults.Last);
            _faults = faults.Count;
        }

        if (!_hasToldRecord && lines?.RecordFault is { } fault)
        {
            Tell(_clock.NowNanos, $"nothing more is recorded: {fault}");
            _hasToldRecord = true;
        }
    }

    private void Tell(long nanos, string words) => _output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddTicks(nanos / 100):HH:mm:ss.ffffff}Z {words}"));
}
