using System.Security.Cryptography;

namespace Engine.Simulator.Tests;

public class DeterminismTests
{
    private static readonly SimulationOptions s_options = new() { Seed = 5, Messages = 20_000, Lines = 2, Loss = 0.01 };

    // Pinned: another machine, processor or runtime that gives other bytes fails here.
    [Test]
    public void The_same_seed_gives_these_bytes_everywhere()
    {
        using var truth = new StringWriter();
        string sha = Hash(s_options, truth);
        Assert.That(sha, Is.EqualTo("3d3cf1f3ffbfa782260c9dd68f4e890c822ed808d36a622afb30ad4e5bf3f803"));
        Assert.That(Hash(s_options, null), Is.EqualTo(sha), "without the truth file");
        string truthHash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(truth.ToString())));
        Assert.That(truthHash, Is.EqualTo("5845140e8ab17fb1d1b792669edb70091f1c5681e6eb14ed4f7fa2c058f25d20"));
    }

    [Test]
    public void Another_seed_gives_other_bytes()
    {
        string[] hashes = Enumerable.Range(0, 5).Select(seed => Hash(s_options with { Seed = (ulong)seed }, null)).ToArray();
        Assert.That(hashes, Is.Unique);
    }

    [Test]
    public void The_result_names_the_hash_of_the_bytes()
    {
        using var stream = new MemoryStream();
        SimulationResult result = Simulation.Run(s_options, stream);
        Assert.That(result.Sha256, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()))));
        Assert.That(result.Bytes, Is.EqualTo(stream.Length));
        Assert.That(result.MessagesByType.Sum(t => t.Count), Is.EqualTo(result.Messages));
    }

    private static string Hash(SimulationOptions options, TextWriter? truth) => Simulation.Run(options, Stream.Null, truth).Sha256;
}
