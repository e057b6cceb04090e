using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Running;
using Engine.Recording;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Fuzz.Targets;

/// <summary>
/// Files of feature rows with damage anywhere: listed, opened as rows, every dataset read. What is refused is refused in one line;
/// what is read has the rows that were written, since everything in such a file has a checksum.
/// </summary>
internal sealed class Hdf5Target : IFuzzTarget
{
    private const int Features = 5, Rows = 5_000, Seeds = 4;
    private readonly byte[][] _whole = new byte[Seeds][];
    private readonly Lazy<string> _path = new(() => Path.Combine(Path.GetTempPath(), $"engine-fuzz-{Environment.ProcessId}.h5"));
    private byte[] _input = [];

    /// <inheritdoc/>
    public string Name => "hdf5";

    /// <inheritdoc/>
    public int CasesPerBatch => 64;

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        try
        {
            for (int i = 0; i < Seeds; i++)
            {
                _whole[i] ??= Write(i);
            }

            for (int i = 0; i < batch.Count; i++)
            {
                batch.Begin(i);
                Try(batch.Random);
            }
        }
        finally
        {
            File.Delete(_path.Value);
        }
    }

    private static float Value(int row, int feature) => (row * 31) + feature;

    private byte[] Write(int seed)
    {
        var contract = new FeatureContract("fuzz", Enumerable.Range(0, Features).Select(i => new FeatureSpec($"f{i}", "family", i, "unit")), "every-event");
        var head = new FeatureFileHead
        {
            Contract = contract,
            Captures = [new LoggedFile("capture", 1, new string('a', 64))],
            EngineVersion = "fuzz",
            Configuration = new RunConfiguration
            {
                Venue = "auto", Date = null, Symbols = null, Contract = "fuzz", Sampling = "every-event", Inference = "native", Gaps = "", SuppressSuspect = false,
            },
        };
        var instruments = new InstrumentTable(4);
        instruments.Add("ALFA");
        instruments.Add("BRVO");
        File.Delete(_path.Value);
        using (var writer = new FeatureFileWriter(_path.Value, overwrite: false, head, instruments, seed % 2 * 6))
        {
            Span<float> row = stackalloc float[Features];
            for (int i = 0; i < (seed < 2 ? 100 : Rows); i++)
            {
                for (int f = 0; f < Features; f++)
                {
                    row[f] = Value(i, f);
                }

                writer.Append(new RowStamp(i & 1, i, i, Books.BookTrust.Good), new MarketEvent { ReceiveTime = i }, row);
            }

            writer.Close(Rows, false);
        }

        return File.ReadAllBytes(_path.Value);
    }

    private void Try(SeededRandom random)
    {
        byte[] whole = _whole[random.Next(Seeds)];
        if (_input.Length < whole.Length + 1_024)
        {
            _input = new byte[whole.Length + 1_024];
        }

        whole.CopyTo(_input, 0);
        int length = Mutator.Mutate(random, _input, whole.Length, whole);
        using (FileStream file = File.Create(_path.Value))
        {
            file.Write(_input, 0, length);
        }

        Attempt(List);
        Attempt(ReadRows);
    }

    /// <summary>A refusal is one line; anything else that is thrown is a finding.</summary>
    private static void Attempt(Action read)
    {
        try
        {
            read();
        }
        catch (Hdf5Exception refused)
        {
            FuzzBatch.Require(!refused.Message.Contains('\n', StringComparison.Ordinal), $"a refusal of more than one line: {refused.Message}");
        }
    }

    private void List()
    {
        using Hdf5File file = Hdf5File.OpenRead(_path.Value);
        foreach (Hdf5Node node in Hdf5Tree.Of(file).Nodes)
        {
            Attempt(() => Hdf5Attributes.Of(file, node.Path));
            if (node.Kind == Hdf5NodeKind.Dataset)
            {
                Attempt(() => ReadAll(file, node.Path));
            }
        }
    }

    private static void ReadAll(Hdf5File file, string path)
    {
        using Hdf5Dataset dataset = Hdf5Dataset.Open(file, path);
        using var reader = new Hdf5RowReader(dataset);
        for (long start = 0; start < Math.Min(dataset.Rows, 2 * Rows); start += reader.RowsPerBatch)
        {
            reader.Read(start, (int)Math.Min(reader.RowsPerBatch, dataset.Rows - start));
        }
    }

    private void ReadRows()
    {
        using FeatureFileReader file = FeatureFileReader.Open(_path.Value);
        using var block = new FeatureRowBlock(file.Head.Contract.Count);
        FuzzBatch.Require(file.Rows <= Rows && file.Head.Contract.Count == Features, "rows that were not written");
        for (long start = 0; file.Read(start, block) > 0; start += block.Count)
        {
            for (int i = 0; i < block.Count; i++)
            {
                FuzzBatch.Require(block.Times[i] == start + i && block.Row(i)[1] == Value((int)start + i, 1), $"row {start + i} is not what was written");
            }
        }
    }
}
