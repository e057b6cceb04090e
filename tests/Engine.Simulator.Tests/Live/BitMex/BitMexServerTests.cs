using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Engine.Core.Time;
using Engine.Simulator.Live.BitMex;

namespace Engine.Simulator.Tests.Live.BitMex;

[CancelAfter(60_000)]
public class BitMexServerTests
{
    [Test]
    public async Task Requests_are_answered_and_wrong_ones_by_an_error(CancellationToken deadline)
    {
        using BitMexServer server = Start();
        using ClientWebSocket client = await ConnectAsync(server, deadline);
        (string Request, string Answer)[] talk =
        [
            ("{\"op\":\"subscribe\",\"args\":[\"trade:XBTUSD\"]}", "{\"success\":true,\"subscribe\":\"trade:XBTUSD\",\"request\":{\"op\":"),
            ("{\"op\":\"subscribe\",\"args\":[\"trade:XBTUSD\"]}", "{\"status\":400,\"error\":\"You are already subscribed"),
            ("{\"op\":\"unsubscribe\",\"args\":[\"trade:XBTUSD\"]}", "{\"success\":true,\"unsubscribe\":\"trade:XBTUSD\""),
            ("{\"op\":\"unsubscribe\",\"args\":[\"trade:XBTUSD\"]}", "{\"status\":400,\"error\":\"You are not subscribed"),
            ("{\"op\":\"subscribe\",\"args\":[\"nothing:XBTUSD\"]}", "{\"status\":400,\"error\":\"Unknown table: nothing"),
            ("{\"op\":\"subscribe\",\"args\":[\"trade:NOTHING\"]}", "{\"status\":400,\"error\":\"Unknown or missing symbol"),
            ("{\"op\":\"shout\"}", "{\"status\":400,\"error\":\"Unknown operation: shout"),
            ("{\"op\":\"subscribe\"}", "{\"status\":400,\"error\":\"The request is not understood"),
            ("{\"op\"", "{\"status\":400,\"error\":\"The request is not understood"),
            ("ping", "pong"),
        ];
        Assert.That(await ReceiveAsync(client, deadline), Does.StartWith("{\"info\""));
        foreach ((string request, string answer) in talk)
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, deadline);
            string answered = await ReceiveAsync(client, deadline);
            Assert.That(answered, Does.StartWith(answer), request);
            if (answered.StartsWith("{\"success\":true,\"subscribe\"", StringComparison.Ordinal))
            {
                Assert.That(await ReceiveAsync(client, deadline), Does.StartWith("{\"table\":\"trade\",\"action\":\"partial\""));
            }
            else if (answered != "pong")
            {
                using JsonDocument json = JsonDocument.Parse(answered);
                Assert.That(json.RootElement.TryGetProperty("request", out _), Is.True);
            }
        }

        BitMexServerCounts counts = server.Counts;
        Assert.That((counts.BadRequests, counts.Subscribed, counts.Unsubscribed, counts.Pings), Is.EqualTo((7L, 1L, 1L, 1L)));
    }

    [Test]
    public async Task Rest_lists_the_instruments_and_refuses_on_demand(CancellationToken deadline)
    {
        using BitMexServer server = Start();
        using HttpClient client = new();
        using (JsonDocument json = JsonDocument.Parse(await client.GetStringAsync(server.Rest, deadline)))
        {
            Assert.That(json.RootElement.EnumerateArray().Select(row => row.GetProperty("symbol").GetString()),
                Is.EqualTo(BitMexSymbol.Usual.Select(symbol => symbol.Name)));
        }

        server.Refuse(503, retryAfterSeconds: 7);
        using (HttpResponseMessage refused = await client.GetAsync(server.Rest, deadline))
        {
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(refused.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(7)));
        }

        server.Accept();
        using HttpRequestMessage head = new(HttpMethod.Head, server.Rest);
        using HttpResponseMessage answer = await client.SendAsync(head, deadline);
        Assert.That(answer.IsSuccessStatusCode, Is.True);
        using HttpResponseMessage unknown = await client.GetAsync(new Uri(server.Rest, "/elsewhere"), deadline);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_client_too_far_behind_is_cut_off(CancellationToken deadline)
    {
        using BitMexServer server = Start(new BitMexServerOptions { WaitingMessages = 20 });
        using ClientWebSocket client = await ConnectAsync(server, deadline);
        await client.SendAsync("{\"op\":\"subscribe\",\"args\":[\"orderBookL2:XBTUSD\"]}"u8.ToArray(), WebSocketMessageType.Text, true, deadline);
        for (int i = 0; i < 3; i++)
        {
            await ReceiveAsync(client, deadline);
        }

        server.Stall(true);
        server.Step(500);
        server.Stall(false);
        Assert.That(async () =>
        {
            while (true)
            {
                await ReceiveAsync(client, deadline);
            }
        }, Throws.InstanceOf<WebSocketException>());
        Assert.That(server.Counts.SlowClients, Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task A_rate_makes_steps(CancellationToken deadline)
    {
        using BitMexServer server = Start(new BitMexServerOptions { StepsPerSecond = 2_000 });
        while (server.Counts.Steps < 100)
        {
            await Task.Delay(1, deadline);
        }

        Assert.That(server.Counts.Connections, Is.Zero);
    }

    private static BitMexServer Start(BitMexServerOptions? options = null)
    {
        BitMexServer server = new(options ?? new BitMexServerOptions(), new WallClock());
        server.Start();
        return server;
    }

    private static async Task<ClientWebSocket> ConnectAsync(BitMexServer server, CancellationToken deadline)
    {
        ClientWebSocket client = new();
        await client.ConnectAsync(server.WebSocket, deadline);
        return client;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket client, CancellationToken deadline)
    {
        byte[] buffer = new byte[1 << 16];
        int length = 0;
        ValueWebSocketReceiveResult piece;
        do
        {
            piece = await client.ReceiveAsync(buffer.AsMemory(length), deadline);
            length += piece.Count;
        }
        while (!piece.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
