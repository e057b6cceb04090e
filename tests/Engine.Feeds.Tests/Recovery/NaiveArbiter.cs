namespace Engine.Feeds.Tests.Recovery;

/// <summary>
/// What becomes of a stream's packets where nothing is requested, in the simplest way that could be right: a list of what waits, in
/// order of sequence.
/// </summary>
/// <param name="waitNanos">How long what is missing is waited for; 0 for not at all.</param>
internal sealed class NaiveArbiter(long waitNanos)
{
    private readonly List<(ulong From, int Count, long Time)> _waiting = [];
    private ulong _next;
    private ulong _hole;
    private long _deadline;

    /// <summary>Messages by sequence, and <c>gap FROM+COUNT</c>, in order.</summary>
    public List<string> Output { get; } = [];

    public long Lost { get; private set; }

    public long Gaps { get; private set; }

    public void Arrive(long time, ulong from, int count)
    {
        Release(time);
        _next = _next == 0 ? from : _next;
        ulong top = _waiting.Count == 0 ? _next : _waiting.Max(packet => packet.From + (ulong)packet.Count);
        if (from <= _next || waitNanos == 0)
        {
            Take(from, count);
        }
        else if (count > 0 || from > top)
        {
            int at = _waiting.FindIndex(packet => packet.From > from);
            _waiting.Insert(at < 0 ? _waiting.Count : at, (from, count, time));
        }

        Release(time);
    }

    public void Finish() => Release(long.MaxValue);

    private void Release(long now)
    {
        while (_waiting.Count > 0)
        {
            (ulong from, int count, long time) = _waiting[0];
            if (_hole != _next)
            {
                // The wait for a hole runs from the packet that showed it, also where another one comes between them.
                _hole = _next;
                _deadline = time + waitNanos;
            }

            if (from > _next && now < _deadline)
            {
                return;
            }

            _waiting.RemoveAt(0);
            Take(from, count);
        }

        _hole = 0;
    }

    private void Take(ulong from, int count)
    {
        if (from > _next)
        {
            Output.Add($"gap {_next}+{from - _next}");
            Gaps++;
            Lost += (long)(from - _next);
            _next = from;
        }

        for (ulong sequence = from; sequence < from + (ulong)count; sequence++)
        {
            if (sequence == _next)
            {
                Output.Add($"{sequence}");
                _next++;
            }
        }
    }
}
