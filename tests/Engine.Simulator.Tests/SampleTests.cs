using System.IO.Compression;
using System.Security.Cryptography;

namespace Engine.Simulator.Tests;

/// <summary>The committed capture is what its README says and what the simulator writes.</summary>
public class SampleTests
{
    private const long SizeLimitBytes = 4_000_000;

    // The options behind the command line in tools/samples/README.md.
    private static readonly SimulationOptions s_options = new() { Seed = 20_260_105, Messages = 200_000 };

    internal static string SampleFolder
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
            {
                folder = folder.Parent;
            }

            Assert.That(folder, Is.Not.Null, "the tests run below the repository's root");
            return Path.Combine(folder!.FullName, "tools", "samples");
        }
    }

    [Test]
    public void The_sample_is_what_its_seed_gives()
    {
        string path = Path.Combine(SampleFolder, "market.pcap.gz");
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        string committed = Convert.ToHexStringLower(SHA256.HashData(gzip));
        SimulationResult result = Simulation.Run(s_options, Stream.Null);
        string readme = File.ReadAllText(Path.Combine(SampleFolder, "README.md"));

        Assert.That(result.Sha256, Is.EqualTo(committed));
        Assert.That(result.Messages, Is.GreaterThanOrEqualTo(200_000));
        Assert.That(new FileInfo(path).Length, Is.LessThanOrEqualTo(SizeLimitBytes));
        Assert.That(readme, Does.Contain(committed));
        string arguments = $"sim --seed {s_options.Seed} --messages {s_options.Messages} --out tools/samples/market.pcap.gz";
        Assert.That(readme, Does.Contain(arguments));
    }

    [Test]
    public void The_sample_is_a_possible_day()
    {
        using var gzip = new GZipStream(File.OpenRead(Path.Combine(SampleFolder, "market.pcap.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        var exchange = new NaiveExchange();
        foreach (byte[] message in NaiveCapture.Read(bytes.ToArray()).SelectMany(p => p.Messages))
        {
            exchange.Message(Convert.ToInt64(Convert.ToHexString(message, 5, 6), 16), message);
        }

        Assert.That(exchange.SystemEvents, Is.EqualTo("OSQMEC"));
        Assert.That(exchange.Mids, Has.Count.EqualTo(8));
    }
}
