using System.Buffers.Binary;
using Engine.Core.Memory;
using Engine.Core.Time;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network.Live;

/// <summary>Fetches snapshots when they are asked for, again and again until one comes; on the hot thread, which only looks.</summary>
internal sealed unsafe class SnapshotRequester : IDisposable
{
    private const long PauseNanos = 1_000_000_000;

    private readonly GlimpseClient _client;
    private readonly NativeBuffer<byte> _head = new(SnapshotContent.HeadBytes);
    private readonly bool _anySession;
    private long _notBefore;
    private bool _isWanted;
    private bool _isOut;

    /// <param name="options">The server.</param>
    /// <exception cref="LiveFeedException">An option that cannot be.</exception>
    public SnapshotRequester(LiveSnapshots options)
    {
        _anySession = options.AnySession;
        _client = new GlimpseClient(new GlimpseOptions(options.Server, options.User, options.Password));
    }

    /// <summary>Attempts that failed.</summary>
    public long Faults { get; private set; }

    /// <summary>Why the last one failed.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>The snapshot that <see cref="TryTake"/> answered; readable until the next call of it.</summary>
    public SnapshotContent Content { get; private set; }

    /// <summary>One is wanted.</summary>
    public void Request() => _isWanted = true;

    /// <summary>Whether a snapshot has come. Called often.</summary>
    public bool TryTake() => (_isWanted || _isOut) && Look();

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _head.Dispose();
    }

    private bool Look()
    {
        if (_isOut)
        {
            _isOut = false;
            _ = _client.Reset();
            _notBefore = MonotonicTimer.NowNanos + PauseNanos;
        }

        switch (_client.State)
        {
            case GlimpseState.Idle when _isWanted && MonotonicTimer.NowNanos >= _notBefore:
                _ = _client.Start();
                break;
            case GlimpseState.Failed:
                Fault = _client.Reason;
                Faults++;
                _ = _client.Reset();
                _notBefore = MonotonicTimer.NowNanos + PauseNanos;
                break;
            case GlimpseState.Ready:
                _isWanted = false;
                _isOut = true;
                Describe();
                return true;
        }

        return false;
    }

    private void Describe()
    {
        Span<byte> head = _head.Span;
        head[..SnapshotContent.SessionBytes].Fill((byte)' ');
        if (!_anySession)
        {
            _ = System.Text.Encoding.ASCII.GetBytes(_client.Session, head);
        }

        BinaryPrimitives.WriteUInt64BigEndian(head[10..], _client.NextSequence);
        BinaryPrimitives.WriteUInt64BigEndian(head[18..], (ulong)_client.Messages);
        BinaryPrimitives.WriteUInt64BigEndian(head[26..], (ulong)_client.Length);

        // SAFETY: the head is this object's own; the client keeps its bytes until it is reset, in a later TryTake.
        Content = SnapshotContent.Read(_head.Pointer, _client.Data);
    }
}
