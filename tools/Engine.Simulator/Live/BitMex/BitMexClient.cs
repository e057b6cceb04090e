using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Engine.Simulator.Live.BitMex;

/// <summary>One client's websocket: a task reads its requests, another sends what waits for it.</summary>
internal sealed class BitMexClient : IDisposable
{
    private const int RequestBytesMax = 1 << 20;
    private const byte FinalText = 0x81, Length16 = 126, Length64 = 127;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly Stream _stream;
    private readonly WebSocket _socket;
    private readonly BitMexVenue _venue;
    private readonly BitMexFaultSwitch _faults;
    private readonly BitMexTally _tally;
    private readonly int _frameBytes;
    private readonly Channel<Outgoing> _row;
    private readonly CancellationTokenSource _over;
    private int _cut;

    /// <param name="stream">The connection behind the upgrade; owned.</param>
    /// <param name="venue">Whom it follows.</param>
    /// <param name="faults">What is to go wrong.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="stop">Ends it.</param>
    public BitMexClient(
        Stream stream, BitMexVenue venue, BitMexFaultSwitch faults, BitMexTally tally, BitMexServerOptions options, CancellationToken stop)
    {
        _stream = stream;
        _socket = WebSocket.CreateFromStream(stream, true, null, TimeSpan.Zero);
        _venue = venue;
        _faults = faults;
        _tally = tally;
        _frameBytes = options.FrameBytes;
        _row = Channel.CreateBounded<Outgoing>(options.WaitingMessages);
        _over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _cut = faults.Cut;
    }

    /// <summary>What it follows; the venue's lock guards it.</summary>
    public HashSet<string> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Puts an answer into its row.</summary>
    public void Put(string text) => Put(new Outgoing(Encoding.UTF8.GetBytes(text), false, null));

    /// <summary>Puts data into its row.</summary>
    public void PutData(byte[] text) => Put(new Outgoing(text, true, null));

    /// <summary>Ends the connection in the polite way, behind what waits.</summary>
    public void Close(WebSocketCloseStatus status, string words) => Put(new Outgoing(Encoding.UTF8.GetBytes(words), false, status));

    /// <summary>Answers a request that cannot be met.</summary>
    public void Refuse(string error, string request)
    {
        Interlocked.Increment(ref _tally.BadRequests);
        Put($"{{\"status\":400,\"error\":{Quoted(error)},\"meta\":{{}},\"request\":{request}}}");
    }

    /// <summary>Serves it to its end.</summary>
    public async Task RunAsync()
    {
        Task sending = SendAsync();
        try
        {
            await ReceiveAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            // The client is gone, or is made to go.
        }

        await _over.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _stream.Dispose();
        _over.Dispose();
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static bool IsOfConnection(Exception e) =>
        e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;

    private void Put(Outgoing outgoing)
    {
        if (!_row.Writer.TryWrite(outgoing) && !_over.IsCancellationRequested)
        {
            Interlocked.Increment(ref _tally.SlowClients);
            _ = _over.CancelAsync();
        }
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[RequestBytesMax];
        int length = 0;
        while (length < buffer.Length)
        {
            ValueWebSocketReceiveResult piece = await _socket.ReceiveAsync(buffer.AsMemory(length), _over.Token).ConfigureAwait(false);
            if (piece.MessageType == WebSocketMessageType.Close)
            {
                Close(WebSocketCloseStatus.NormalClosure, "");
                await Task.Delay(Timeout.Infinite, _over.Token).ConfigureAwait(false);
            }

            length += piece.Count;
            if (piece.EndOfMessage)
            {
                Answer(Encoding.UTF8.GetString(buffer, 0, length));
                length = 0;
            }
        }
    }

    private void Answer(string text)
    {
        if (text == "ping")
        {
            Interlocked.Increment(ref _tally.Pings);
            Put("pong");
            return;
        }

        try
        {
            using JsonDocument request = JsonDocument.Parse(text);
            string? op = request.RootElement.GetProperty("op").GetString();
            if (op is not ("subscribe" or "unsubscribe"))
            {
                Refuse($"Unknown operation: {op}", text);
                return;
            }

            foreach (JsonElement topic in request.RootElement.GetProperty("args").EnumerateArray())
            {
                _venue.Subscribe(this, topic.GetString() ?? "", op == "subscribe", text);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            Refuse("The request is not understood", Quoted(text));
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (Outgoing outgoing in _row.Reader.ReadAllAsync(_over.Token).ConfigureAwait(false))
            {
                while (_faults.IsStalled)
                {
                    await Task.Delay(s_pause, _over.Token).ConfigureAwait(false);
                }

                if (outgoing.Close is { } status)
                {
                    await _socket.CloseOutputAsync(status, Encoding.UTF8.GetString(outgoing.Text), _over.Token).ConfigureAwait(false);
                    break;
                }

                if (outgoing.IsData && _cut != _faults.Cut)
                {
                    _cut = _faults.Cut;
                    await CutAsync(outgoing.Text).ConfigureAwait(false);
                    break;
                }

                await SendAsync(outgoing.Text).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            // The client is gone, or is made to go.
        }

        await _over.CancelAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(byte[] text)
    {
        int step = _frameBytes > 0 ? _frameBytes : text.Length;
        for (int at = 0; at < text.Length; at += step)
        {
            int count = Math.Min(step, text.Length - at);
            bool isLast = at + count == text.Length;
            await _socket.SendAsync(text.AsMemory(at, count), WebSocketMessageType.Text, isLast, _over.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Sends the head of a frame and half of what it announces; the connection ends there. Layout: RFC 6455, 5.2.</summary>
    private async Task CutAsync(byte[] text)
    {
        Interlocked.Increment(ref _tally.CutMessages);
        byte[] head = new byte[10];
        head[0] = FinalText;
        int count = 2;
        if (text.Length < Length16)
        {
            head[1] = (byte)text.Length;
        }
        else if (text.Length <= ushort.MaxValue)
        {
            head[1] = Length16;
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)text.Length);
            count = 4;
        }
        else
        {
            head[1] = Length64;
            BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(2), text.Length);
            count = 10;
        }

        await _stream.WriteAsync(head.AsMemory(0, count), _over.Token).ConfigureAwait(false);
        await _stream.WriteAsync(text.AsMemory(0, text.Length / 2), _over.Token).ConfigureAwait(false);
        await _stream.FlushAsync(_over.Token).ConfigureAwait(false);
    }

    private readonly record struct Outgoing(byte[] Text, bool IsData, WebSocketCloseStatus? Close);
}
