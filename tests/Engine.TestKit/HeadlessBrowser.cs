using System.Diagnostics;
using System.Net.Http;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Engine.TestKit;

/// <summary>A page in a real browser without a window: Chromium, spoken to by its DevTools protocol.</summary>
public sealed class HeadlessBrowser : IDisposable
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly string _profile;
    private readonly List<string> _faults = [];
    private int _calls;

    private HeadlessBrowser(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Exceptions and errors that the page raised so far.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Where the browser is; null where there is none.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a file and waits until an expression of the page is true.</summary>
    /// <param name="path">The page.</param>
    /// <param name="ready">The expression.</param>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static async Task<HeadlessBrowser> OpenAsync(string path, string ready)
    {
        string profile = Directory.CreateTempSubdirectory("engine-browser-").FullName;
        var start = new ProcessStartInfo(Find() ?? throw new InvalidOperationException("no browser: install chromium")) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={profile}", "--window-size=1200,3000", "about:blank"])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var browser = new HeadlessBrowser(process, profile);
        try
        {
            await browser.ConnectAsync();
            _ = await browser.CallAsync("Runtime.enable", "{}");
            _ = await browser.CallAsync("Page.enable", "{}");
            _ = await browser.CallAsync("Page.navigate", $"{{\"url\":{JsonSerializer.Serialize(new Uri(Path.GetFullPath(path)).AbsoluteUri)}}}");
            await WaitAsync(async () => (await browser.EvaluateAsync($"Boolean({ready})")).ValueKind == JsonValueKind.True, $"{path} is not ready: {string.Join("; ", browser._faults)}");
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>The value of an expression of the page.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        JsonElement answer = await CallAsync("Runtime.evaluate", $"{{\"expression\":{JsonSerializer.Serialize(expression)},\"returnByValue\":true}}");
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper process of the browser still writes; the folder is a temporary one.
        }
    }

    private static async Task WaitAsync(Func<Task<bool>> isDone, string what)
    {
        for (long start = Environment.TickCount64; !await isDone(); await Task.Delay(20))
        {
            if (Environment.TickCount64 - start > s_patience.TotalMilliseconds)
            {
                throw new TimeoutException(what);
            }
        }
    }

    private async Task ConnectAsync()
    {
        string port = Path.Combine(_profile, "DevToolsActivePort");
        await WaitAsync(() => Task.FromResult(File.Exists(port) && File.ReadAllLines(port).Length >= 2), "the browser does not start");
        using var http = new HttpClient();
        string? address = null;
        await WaitAsync(
            async () =>
            {
                using var pages = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{File.ReadAllLines(port)[0]}/json")));
                address = pages.RootElement.EnumerateArray()
                    .Where(page => page.GetProperty("type").GetString() == "page")
                    .Select(page => page.GetProperty("webSocketDebuggerUrl").GetString())
                    .FirstOrDefault();
                return address is not null;
            },
            "the browser opens no page");
        await _socket.ConnectAsync(new Uri(address!), CancellationToken.None);
    }

    private async Task<JsonElement> CallAsync(string method, string parameters)
    {
        int id = ++_calls;
        using var patience = new CancellationTokenSource(s_patience);
        byte[] message = Encoding.UTF8.GetBytes($"{{\"id\":{id},\"method\":\"{method}\",\"params\":{parameters}}}");
        await _socket.SendAsync(message, WebSocketMessageType.Text, true, patience.Token);
        while (true)
        {
            JsonElement answer = await ReceiveAsync(patience.Token);
            if (answer.TryGetProperty("id", out JsonElement of) && of.GetInt32() == id)
            {
                return answer.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException($"{method}: {answer}");
            }

            if (answer.TryGetProperty("method", out JsonElement name) && name.GetString() is "Runtime.exceptionThrown")
            {
                _faults.Add(answer.GetProperty("params").ToString());
            }
        }
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken patience)
    {
        using var whole = new MemoryStream();
        byte[] part = new byte[1 << 16];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(part.AsMemory(), patience);
            whole.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);
        using var document = JsonDocument.Parse(whole.ToArray());
        return document.RootElement.Clone();
    }
}
