using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Engine.Lab;

namespace Engine.Simulator.Tests.Lab;

public class LabSimBitMexTests
{
    [Test]
    public void It_serves_for_its_time_and_tells_what_it_did()
    {
        (int exit, string output, string error) = Run("--seconds", "0.3", "--rate", "1000", "--cut-every", "0.1", "--lose-every", "0.05", "--refuse", "503", "--funding-every", "0.5", "--json");
        Assert.That(exit, Is.Zero, error);
        using JsonDocument json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        Assert.That(json.RootElement.GetProperty("websocket").GetString(), Does.Match("^ws://127.0.0.1:[0-9]+/realtime$"));
        Assert.That(json.RootElement.GetProperty("steps").GetInt64(), Is.GreaterThan(0));
        Assert.That(error, Does.Contain("XBTUSD").And.Contain("/api/v1/instrument/active"));
    }

    [Test]
    public void A_port_that_is_taken_is_said()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        AssertUsageError($"port {port} cannot be had", "--port", port);
    }

    [TestCase("--port is", "--port", "65536")]
    [TestCase("--rate is", "--rate", "-1")]
    [TestCase("--funding-every is", "--funding-every", "0")]
    [TestCase("--frame is", "--frame", "-1")]
    [TestCase("--refuse is", "--refuse", "200")]
    [TestCase("--seconds is", "--seconds", "-3")]
    [TestCase("an interval is", "--lose-every", "-3")]
    [TestCase("did you mean '--cut-every'", "--cut-evry", "3")]
    public void Wrong_usage_is_one_line_and_exit_2(string words, params string[] args) => AssertUsageError(words, args);

    private static void AssertUsageError(string words, params string[] args)
    {
        (int exit, string output, string error) = Run(args);
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(output, Is.Empty);
        Assert.That(error.TrimEnd(), Does.Contain(words).And.Not.Contain("\n").And.StartWith("lab sim-bitmex: "));
    }

    private static (int Exit, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exit = LabCommandLine.Run(["sim-bitmex", .. args], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
