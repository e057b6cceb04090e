using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Engine.Core.Time;
using Engine.Simulator.Live.BitMex;

namespace Engine.Lab.Commands;

/// <summary><c>lab sim-bitmex</c>: a simulated BitMEX venue on the loopback address, until it is interrupted or its time is over.</summary>
internal static class SimBitMexCommand
{
    private const double StepsMax = 100_000;

    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Seed of the markets", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> s_port = new("--port") { Description = "Port on 127.0.0.1; 0 takes a free one" };
    private static readonly Option<double> s_rate = new("--rate")
    {
        Description = "Steps of the markets a second", DefaultValueFactory = _ => 200,
    };
    private static readonly Option<double> s_funding = new("--funding-every")
    {
        Description = "Seconds between fundings; 28800 is 04:00, 12:00 and 20:00 UTC", DefaultValueFactory = _ => 28_800,
    };
    private static readonly Option<double> s_seconds = new("--seconds") { Description = "How long; 0 until Ctrl-C" };
    private static readonly Option<int> s_frame = new("--frame") { Description = "Bytes of a websocket frame; 0 sends messages whole" };
    private static readonly Option<double> s_cutEvery = new("--cut-every")
    {
        Description = "Cut every client's connection in the middle of a message, every so many seconds; 0 never",
    };
    private static readonly Option<double> s_loseEvery = new("--lose-every")
    {
        Description = "Lose a change of a book, every so many seconds; 0 never",
    };
    private static readonly Option<int> s_refuse = new("--refuse")
    {
        Description = "Answer HTTP requests by this status for the first second after every cut; 0 answers",
    };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("sim-bitmex", "Serve a simulated BitMEX venue: websocket and REST on 127.0.0.1.")
        {
            s_seed, s_port, s_rate, s_funding, s_seconds, s_frame, s_cutEvery, s_loseEvery, s_refuse, s_json,
        };
        command.SetAction((parsed, stop) => RunAsync(parsed, output, error, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TextWriter output, TextWriter error, CancellationToken stop)
    {
        Check(parsed.GetValue(s_port) is >= 0 and <= ushort.MaxValue, "--port is 0 to 65535");
        Check(parsed.GetValue(s_rate) is >= 0 and <= StepsMax, $"--rate is 0 to {StepsMax}");
        Check(parsed.GetValue(s_frame) >= 0, "--frame is 0 or more");
        Check(parsed.GetValue(s_refuse) is 0 or (>= 400 and <= 599), "--refuse is 0, or a status from 400 to 599");
        Check(parsed.GetValue(s_funding) is >= 0.001 and <= 1e6, "--funding-every is 0.001 to 1000000 seconds");
        Check(parsed.GetValue(s_seconds) is >= 0 and <= 1e6, "--seconds is 0 to 1000000");
        Check(parsed.GetValue(s_cutEvery) is >= 0 and <= 1e6 && parsed.GetValue(s_loseEvery) is >= 0 and <= 1e6, "an interval is 0 to 1000000 seconds");
        using BitMexServer server = new(
            new BitMexServerOptions
            {
                Seed = parsed.GetValue(s_seed),
                Port = parsed.GetValue(s_port),
                FundingEvery = TimeSpan.FromMilliseconds(Math.Floor(parsed.GetValue(s_funding) * 1_000)),
                StepsPerSecond = parsed.GetValue(s_rate),
                FrameBytes = parsed.GetValue(s_frame),
            },
            new WallClock());
        try
        {
            server.Start();
        }
        catch (SocketException e)
        {
            throw new UsageException($"port {parsed.GetValue(s_port)} cannot be had ({e.SocketErrorCode}); choose another --port, or 0");
        }

        error.WriteLine($"serving {server.WebSocket} and {server.Rest}: {string.Join(", ", BitMexSymbol.Usual.Select(symbol => symbol.Name))}");
        await ServeAsync(server, parsed, stop).ConfigureAwait(false);
        server.Stop();
        Tell(server, parsed.GetValue(s_json), output, error);
        return 0;
    }

    private static void Check(bool isGood, string words)
    {
        if (!isGood)
        {
            throw new UsageException(words);
        }
    }

    private static async Task ServeAsync(BitMexServer server, ParseResult parsed, CancellationToken stop)
    {
        double seconds = parsed.GetValue(s_seconds);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (seconds > 0)
        {
            over.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        string[] symbols = [.. BitMexSymbol.Usual.Select(symbol => symbol.Name)];
        int lost = 0;
        await Task.WhenAll(
            EveryAsync(parsed.GetValue(s_cutEvery), () => CutAsync(server, parsed.GetValue(s_refuse), over.Token), over.Token),
            EveryAsync(parsed.GetValue(s_loseEvery), () => LoseAsync(server, symbols, lost++), over.Token)).ConfigureAwait(false);
    }

    private static async Task EveryAsync(double seconds, Func<Task> act, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(seconds > 0 ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan, over).ConfigureAwait(false);
                await act().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    private static async Task CutAsync(BitMexServer server, int status, CancellationToken over)
    {
        server.CutNextMessage();
        if (status != 0)
        {
            server.Refuse(status);
            await Task.Delay(TimeSpan.FromSeconds(1), over).ConfigureAwait(false);
            server.Accept();
        }
    }

    private static Task LoseAsync(BitMexServer server, string[] symbols, int turn)
    {
        string symbol = symbols[turn / 2 % symbols.Length];
        if (turn % 2 == 0)
        {
            server.LoseInsert(symbol);
        }
        else
        {
            server.LoseDelete(symbol);
        }

        return Task.CompletedTask;
    }

    private static void Tell(BitMexServer server, bool isJson, TextWriter output, TextWriter error)
    {
        BitMexServerCounts counts = server.Counts;
        (string Name, long Count)[] all =
        [
            ("connections", counts.Connections), ("refused", counts.Refused), ("rest_answers", counts.RestAnswers),
            ("subscribed", counts.Subscribed), ("unsubscribed", counts.Unsubscribed), ("bad_requests", counts.BadRequests),
            ("pings", counts.Pings), ("messages", counts.Messages), ("cut_messages", counts.CutMessages),
            ("slow_clients", counts.SlowClients), ("steps", counts.Steps),
        ];
        error.WriteLine(string.Join("  ", all.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Name} {count.Count:N0}"))));
        if (isJson)
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("websocket", server.WebSocket.AbsoluteUri);
                foreach ((string name, long count) in all)
                {
                    json.WriteNumber(name, count);
                }

                json.WriteEndObject();
            }

            output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        }
    }
}
