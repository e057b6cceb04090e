using System.IO.Compression;
using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Whole files as a user names them, gzip among them: opened, found out, read to the end.</summary>
internal sealed class FileTarget : IFuzzTarget
{
    private const int Instruments = 16, MaxFile = 1 << 16;
    private readonly CaptureGenerator[] _captures = [new PcapGenerator(), new PcapngGenerator()];
    private readonly MarketEvent[] _events = new MarketEvent[64];
    private readonly byte[] _file = new byte[MaxFile];

    /// <inheritdoc/>
    public string Name => "gzip";

    /// <inheritdoc/>
    public int CasesPerBatch => 64;

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        string path = Path.Combine(Path.GetTempPath(), $"engine-fuzz-{Environment.ProcessId}");
        try
        {
            for (int i = 0; i < batch.Count; i++)
            {
                batch.Begin(i);
                int length = Generate(batch.Random);
                using (FileStream stream = File.Create(path))
                {
                    stream.Write(_file, 0, length);
                }

                Try(path, batch.Random);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private int Generate(SeededRandom random)
    {
        int length = _captures[random.Next(_captures.Length)].Write(random, _file);
        using MemoryStream members = new();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            using GZipStream gzip = new(members, (CompressionLevel)random.Next(4), leaveOpen: true);
            gzip.Write(_file, 0, length / i);
            length -= length / i;
        }

        members.Write(_file, 0, random.Chance(0.2) ? random.Next(9) : 0);
        byte[] bytes = members.ToArray();
        bytes.CopyTo(_file, 0);
        return random.Chance(0.8) ? Math.Max(Mutator.Mutate(random, _file, bytes.Length, bytes), 1) : bytes.Length;
    }

    private void Try(string path, SeededRandom random)
    {
        FeedOptions options = new() { Instruments = new InstrumentTable(Instruments), Venue = random.Chance(0.5) ? Venue.None : Venue.Itch50 };
        try
        {
            using MarketDataSource source = CaptureSource.Open([path], options);
            SourceAudit audit = new(source);
            int count;
            for (int reads = 0; (count = source.Read(_events)) >= 0; reads++)
            {
                FuzzBatch.Require(reads <= 4 * MaxFile, "a file that does not end");
                audit.Check(_events.AsSpan(0, count), true);
            }
        }
        catch (CaptureException refused)
        {
            FuzzBatch.Require(!refused.Message.Contains('\n', StringComparison.Ordinal), "a refusal of more than one line");
        }
    }
}
