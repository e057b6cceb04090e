using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Training.Datasets;

/// <summary>
/// How far each of the streams that a day is merged from goes, and which told of which instrument: behind the end of the last of them an instrument's
/// book says nothing more, however long the others go on. One thread; memory is taken at the start.
/// </summary>
internal sealed class StreamEnds : IDisposable
{
    /// <summary>Most streams of a day; more are refused.</summary>
    public const int MaxStreams = 64;

    private readonly NativeBuffer<ulong> _toldBy;
    private readonly Clock[] _streams = new Clock[MaxStreams];
    private Clock _all = Clock.None;

    /// <param name="instruments">Most instruments.</param>
    public StreamEnds(int instruments)
    {
        _toldBy = new NativeBuffer<ulong>(instruments);
        Array.Fill(_streams, Clock.None);
    }

    /// <summary>Instruments up to the last that was named.</summary>
    public int Instruments { get; private set; }

    /// <summary>The latest exchange time that was seen; of a feed that has none, the latest time of its events.</summary>
    public long EndTime => _all.End;

    /// <summary>The latest exchange time that any stream had, or null before there is one.</summary>
    public long? Latest => _all.Good == long.MinValue ? null : _all.Good;

    /// <summary>Takes note of an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="stream">The stream that it came by, from 0.</param>
    /// <exception cref="DatasetException">There are more streams than <see cref="MaxStreams"/>.</exception>
    public void Note(in MarketEvent e, int stream)
    {
        if ((uint)stream >= MaxStreams)
        {
            throw new DatasetException($"a day is of more than {MaxStreams} streams (sessions of packets, or files): make data sets of fewer captures each");
        }

        if ((e.Flags & EventFlags.FromSnapshot) == 0)
        {
            bool isGood = (e.Flags & EventFlags.BadExchangeTime) == 0;
            _all.Note(e.ExchangeTime, isGood);
            _streams[stream].Note(e.ExchangeTime, isGood);
            if ((uint)e.Instrument < (uint)_toldBy.Length)
            {
                _toldBy[e.Instrument] |= 1UL << stream;
            }
        }

        if ((uint)e.Instrument < (uint)_toldBy.Length)
        {
            Instruments = Math.Max(Instruments, e.Instrument + 1);
        }
    }

    /// <summary>The latest exchange time of the streams that told of an instrument, snapshots apart, ns; of one that none told of, of all.</summary>
    public long EndOf(int instrument)
    {
        ulong toldBy = instrument < Instruments ? _toldBy[instrument] : 0;
        Clock end = Clock.None;
        for (int stream = 0; stream < MaxStreams; stream++)
        {
            if (((toldBy >> stream) & 1) != 0)
            {
                end.Good = Math.Max(end.Good, _streams[stream].Good);
                end.Any = Math.Max(end.Any, _streams[stream].Any);
            }
        }

        return toldBy == 0 ? EndTime : end.End;
    }

    /// <inheritdoc/>
    public void Dispose() => _toldBy.Dispose();

    /// <summary>The latest times.</summary>
    private struct Clock
    {
        public long Good;
        public long Any;

        public static Clock None => new() { Good = long.MinValue, Any = long.MinValue };

        public readonly long End => Good != long.MinValue ? Good : Math.Max(0, Any);

        public void Note(long time, bool isGood)
        {
            Any = Math.Max(Any, time);
            Good = isGood ? Math.Max(Good, time) : Good;
        }
    }
}
