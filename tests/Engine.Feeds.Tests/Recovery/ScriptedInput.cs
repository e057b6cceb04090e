using System.Runtime.InteropServices;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>What answers a scripted input's requests, by scheduling steps.</summary>
internal interface IResponder
{
    void Request(ScriptedInput input, ulong from, ulong count);

    void RequestSnapshot(ScriptedInput input);
}

/// <summary>
/// An input without sockets: gives its steps by time, or as they lie in a recording. Its memory is overwritten at each step, so that
/// whatever is read too late shows.
/// </summary>
internal sealed unsafe class ScriptedInput : PacketInput
{
    private const byte Stale = 0xEE;

    private readonly PriorityQueue<Step, (long Time, int Order)> _steps = new();
    private readonly IResponder? _responder;
    private readonly bool _isRecording;
    private readonly byte[] _packet = GC.AllocateArray<byte>(1 << 16, pinned: true);
    private readonly byte[] _snapshot = GC.AllocateArray<byte>(1 << 20, pinned: true);
    private Step _current = Step.Mark(0);
    private int _order;
    private bool _isIdle;

    /// <param name="steps">What comes without being asked for.</param>
    /// <param name="responder">Answers requests; null for a recording, which is given in its own order and ignores them.</param>
    /// <param name="idles">Whether there is nothing to be had for a while before each step.</param>
    public ScriptedInput(IEnumerable<Step> steps, IResponder? responder = null, bool isRecording = false, bool idles = false)
    {
        _responder = responder;
        _isRecording = isRecording;
        Idles = idles;
        foreach (Step step in steps)
        {
            Add(step);
        }
    }

    /// <summary>All that was given, marks included: plays back to the same.</summary>
    public List<Step> Given { get; } = [];

    /// <summary>Requests as they came: when, from where, how many.</summary>
    public List<(long Time, ulong From, ulong Count)> Requests { get; } = [];

    /// <summary>How often a snapshot was asked for.</summary>
    public int SnapshotRequests { get; private set; }

    public bool Idles { get; }

    public override bool HasClock => true;

    public override IReadOnlyList<CaptureIdentity> Captures => [];

    public override SnapshotContent Snapshot => new()
    {
        // SAFETY: the array is pinned and lives as long as the input.
        Data = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_snapshot, 0),
        Length = _current.Bytes.Length,
        Messages = _current.Messages,
        NextSequence = _current.NextSequence,
    };

    /// <summary>Schedules a step.</summary>
    public void Add(Step step) => _steps.Enqueue(step, (_isRecording ? 0 : step.Time, _order++));

    public override PacketNext Next()
    {
        _packet.AsSpan(0, Length).Fill(Stale);
        if (Idles && _steps.Count > 0 && !_isIdle)
        {
            _isIdle = true;
            return PacketNext.Idle;
        }

        _isIdle = false;
        if (!_steps.TryDequeue(out Step? step, out _))
        {
            return PacketNext.End;
        }

        Give(step);
        return step.Kind;
    }

    /// <summary>A mark comes where nothing else does before it.</summary>
    public override bool TryMark(long deadline)
    {
        if (!_steps.TryPeek(out Step? next, out _) || next.Time <= deadline)
        {
            return false;
        }

        _isIdle = false;
        Give(Step.Mark(deadline));
        return true;
    }

    public override FrameContent Open(out UdpPayload payload)
    {
        // SAFETY: the array is pinned and lives as long as the input.
        payload = new UdpPayload { Data = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_packet, 0), Length = Length, Group = _current.Group };
        return FrameContent.Udp;
    }

    public override bool IsEnded(int capture) => false;

    public override void Request(in SequencedPacket packet, ulong from, ulong count)
    {
        if (!_isRecording)
        {
            Requests.Add((Time, from, count));
            _responder?.Request(this, from, count);
        }
    }

    public override void RequestSnapshot()
    {
        SnapshotRequests++;
        _responder?.RequestSnapshot(this);
    }

    public override void Dispose()
    {
    }

    private void Give(Step step)
    {
        if (!_isRecording)
        {
            Given.Add(step);
        }

        if (_current.Kind == PacketNext.Snapshot)
        {
            _snapshot.AsSpan(0, _current.Bytes.Length).Fill(Stale);
        }

        _current = step;
        Time = step.Time;
        HasGoodTime = true;
        IsReply = step.IsReply;
        Length = step.Kind == PacketNext.Packet ? step.Bytes.Length : 0;
        step.Bytes.CopyTo(step.Kind == PacketNext.Snapshot ? _snapshot.AsSpan() : _packet);
    }
}
