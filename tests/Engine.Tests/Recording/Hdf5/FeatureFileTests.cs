using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Recording.Hdf5;
using Engine.Signals;
using Engine.TestKit;

namespace Engine.Tests.Recording.Hdf5;

/// <summary>Feature rows in HDF5, with the real library: what goes in comes out, and damage is told.</summary>
public class FeatureFileTests
{
    private string _path = "";

    [SetUp]
    public void NamePath() => _path = FeatureFileFixture.NewPath();

    [TearDown]
    public void Remove() => File.Delete(_path);

    [Test]
    public void What_is_written_is_read([Values(0, 1, 511, 512, 513, 1_900)] int rows, [Values(0, 4)] int deflate)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            File.Delete(_path);
            WrittenRow[] written = FeatureFileFixture.Rows(seed + (ulong)rows, rows);
            FeatureFileFixture.Write(_path, written, deflate);
            using FeatureFileReader file = FeatureFileReader.Open(_path);
            Assert.Multiple(() =>
            {
                Assert.That(file.IsComplete);
                Assert.That(file.IsInterrupted, Is.False);
                Assert.That((file.Rows, file.CutRows, file.Events), Is.EqualTo((rows, 0, 2L * rows)));
                Assert.That(file.Head.Contract.CanonicalText, Is.EqualTo(FeatureFileFixture.Contract.CanonicalText));
                Assert.That(file.Head.Captures, Is.EqualTo(FeatureFileFixture.Head.Captures));
                Assert.That(file.Head.Configuration.CanonicalJson, Is.EqualTo(FeatureFileFixture.Head.Configuration.CanonicalJson));
                Assert.That(file.Head.EngineVersion, Is.EqualTo("1.2.3+test"));
                int[] ids = [.. written.Select(r => r.Stamp.Instrument).Distinct()];
                Assert.That(file.SymbolIds, Is.EqualTo(ids), "in the order of their first rows");
                Assert.That(file.Symbols, Is.EqualTo(ids.Select(i => FeatureFileFixture.Instruments().Symbol(i))));
            });
            AssertRows(file, written, $"seed {seed}");
        }
    }

    [Test]
    public void Equal_rows_make_equal_files()
    {
        WrittenRow[] rows = FeatureFileFixture.Rows(9, 700);
        FeatureFileFixture.Write(_path, rows, 3);
        byte[] once = File.ReadAllBytes(_path);
        File.Delete(_path);
        FeatureFileFixture.Write(_path, rows, 3);
        Assert.That(File.ReadAllBytes(_path).AsSpan().SequenceEqual(once));
    }

    [Test]
    public void A_writer_that_goes_away_leaves_its_whole_chunks_and_says_that_it_did()
    {
        int chunk = FeatureFileFormat.RowsPerChunk(FeatureFileFixture.Features);
        WrittenRow[] rows = FeatureFileFixture.Rows(10, (3 * chunk) + 7);
        FeatureFileFixture.Write(_path, rows, 0, close: false);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        Assert.That((file.IsComplete, file.Rows, file.CutRows), Is.EqualTo((false, 3L * chunk, 0L)));
        Assert.That(file.Fault, Does.Contain(_path).And.Contain("its writer was stopped"));
        AssertRows(file, rows[..(3 * chunk)], "whole chunks");
    }

    [Test]
    public void A_run_that_was_ended_early_says_so()
    {
        FeatureFileFixture.Write(_path, FeatureFileFixture.Rows(11, 5), 0, interrupted: true);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        Assert.That((file.IsComplete, file.IsInterrupted, file.Fault), Is.EqualTo((true, true, (string?)null)));
    }

    /// <summary>Each column in turn has a rest that the others lack, as after a kill between two of them.</summary>
    [TestCase(FeatureFileFormat.Features)]
    [TestCase(FeatureFileFormat.Time)]
    [TestCase(FeatureFileFormat.ReceiveTime)]
    [TestCase(FeatureFileFormat.Instrument)]
    [TestCase(FeatureFileFormat.Event)]
    [TestCase(FeatureFileFormat.Sequence)]
    [TestCase(FeatureFileFormat.Trust)]
    [TestCase(FeatureFileFormat.Flags)]
    public void Columns_of_different_lengths_are_read_up_to_the_shortest(string longer)
    {
        WriteUneven(name => name == longer ? 13 : 8);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        Assert.That((file.Rows, file.CutRows, file.IsComplete), Is.EqualTo((8, 5, false)));
        Assert.That(file.Fault, Does.Contain("8 rows are whole, 5 beyond them are in parts and cut off"));
    }

    [TestCase(FeatureFileFormat.Features)]
    [TestCase(FeatureFileFormat.Flags)]
    public void One_short_column_cuts_all(string shorter)
    {
        WriteUneven(name => name == shorter ? 3 : 11);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        Assert.That((file.Rows, file.CutRows), Is.EqualTo((3, 8)));
    }

    [Test]
    public void Room_that_was_made_and_never_written_is_no_row()
    {
        WriteUneven(_ => 9, unwrittenTimes: 4);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        Assert.That((file.Rows, file.CutRows), Is.EqualTo((5, 4)));
    }

    [Test]
    public void A_row_that_names_no_symbol_is_refused()
    {
        WriteUneven(_ => 9, instrument: 1);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        using var block = new FeatureRowBlock(FeatureFileFixture.Features);
        Assert.That(() => file.Read(0, block), Throws.TypeOf<Hdf5Exception>().With.Message.Contains("names instrument 1, and there are 1 symbols"));
    }

    [Test]
    public void Any_damage_to_the_rows_is_told()
    {
        WrittenRow[] rows = FeatureFileFixture.Rows(12, 100);
        FeatureFileFixture.Write(_path, rows, 0);
        byte[] bytes = File.ReadAllBytes(_path);
        int at = bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes(rows[50].Features.AsSpan()));
        Assert.That(at, Is.Positive, "the features lie in the file as they lie in memory");
        bytes[at + 3] ^= 4;
        File.WriteAllBytes(_path, bytes);
        using FeatureFileReader file = FeatureFileReader.Open(_path);
        using var block = new FeatureRowBlock(FeatureFileFixture.Features);
        Assert.That(() => file.Read(0, block), Throws.TypeOf<Hdf5Exception>().With.Message.Contains(_path).And.Message.Contains("/features"));
    }

    [Test]
    public void Rows_put_nothing_on_the_collected_heap()
    {
        const int Warm = 600, Measured = 4_000;
        WrittenRow[] rows = FeatureFileFixture.Rows(13, Warm + Measured);
        using var writer = new FeatureFileWriter(_path, overwrite: false, FeatureFileFixture.Head, FeatureFileFixture.Instruments(), 1);
        Append(writer, rows.AsSpan(0, Warm));
        var meter = AllocationMeter.Start();
        Append(writer, rows.AsSpan(Warm));
        long written = meter.AllocatedBytes;
        writer.Close(0, false);

        using FeatureFileReader file = FeatureFileReader.Open(_path);
        using var block = new FeatureRowBlock(FeatureFileFixture.Features);
        _ = file.Read(0, block);
        meter = AllocationMeter.Start();
        long read = 0;
        for (long start = block.Count; file.Read(start, block) > 0; start += block.Count)
        {
            read += block.Count;
        }

        long whileReading = meter.AllocatedBytes;
        Assert.That(read, Is.GreaterThan(Measured));
        Assert.That((written, whileReading), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Symbols_come_back_whole_up_to_128_letters_and_show_their_cut_beyond()
    {
        string[] symbols = ["A", new('x', 71), new('é', 128), new('x', 256), new('x', 257), new('é', 129), "x" + new string('é', 128)];
        var table = new InstrumentTable(64);
        WrittenRow row = FeatureFileFixture.Rows(5, 1)[0];
        using (var writer = new FeatureFileWriter(_path, overwrite: false, FeatureFileFixture.Head, table, 0))
        {
            for (int i = 0; i < symbols.Length; i++)
            {
                table.Add(symbols[i]);
                writer.Append(row.Stamp with { Instrument = i }, row.Event, row.Features);
            }

            writer.Close(symbols.Length, false);
            Assert.That(writer.CutSymbols, Is.EqualTo(3));
        }

        using FeatureFileReader file = FeatureFileReader.Open(_path);
        Assert.That(file.Symbols, Is.EqualTo((string[])
            [.. symbols[..4], new string('x', 253) + "…", new string('é', 126) + "…", "x" + new string('é', 126) + "…"]));
    }

    [Test]
    public void A_file_of_something_else_is_refused_by_name()
    {
        using (Hdf5File file = Hdf5File.Create(_path, overwrite: false))
        {
            Hdf5Attributes.Write(file, "format", "cars");
        }

        Assert.That(() => FeatureFileReader.Open(_path), Throws.TypeOf<Hdf5Exception>().With.Message.Contains("'cars'"));
        File.WriteAllText(_path, "no HDF5 at all, but text");
        Assert.That(() => FeatureFileReader.Open(_path), Throws.TypeOf<Hdf5Exception>().With.Message.Contains(_path));
    }

    [Test]
    public void A_contract_that_does_not_fit_its_hash_is_refused()
    {
        using (Hdf5File file = Hdf5File.Create(_path, overwrite: false))
        {
            (FeatureFileFixture.Head with { EngineVersion = "x" }).Write(file);
            byte[] names = new byte[FeatureFileFixture.Features * 10];
            for (int i = 0; i < FeatureFileFixture.Features; i++)
            {
                System.Text.Encoding.UTF8.GetBytes($"renamed_{i}", names.AsSpan(i * 10));
            }

            using Hdf5Column column = Hdf5Column.CreateTexts(file, FeatureFileFormat.FeatureNames, new Hdf5Chunking(64, 0), 10);
            column.Append(names, FeatureFileFixture.Features);
            using Hdf5Column features = Hdf5Column.Create<float>(file, FeatureFileFormat.Features, new Hdf5Chunking(64, 0), FeatureFileFixture.Features);
        }

        Assert.That(() => FeatureFileReader.Open(_path), Throws.TypeOf<Hdf5Exception>().With.Message.Contains("its contract is damaged"));
    }

    private static void Append(FeatureFileWriter writer, ReadOnlySpan<WrittenRow> rows)
    {
        foreach (WrittenRow row in rows)
        {
            writer.Append(row.Stamp, row.Event, row.Features);
        }
    }

    private static void AssertRows(FeatureFileReader file, WrittenRow[] rows, string where)
    {
        using var block = new FeatureRowBlock(FeatureFileFixture.Features);
        long start = 0;
        for (; file.Read(start, block) > 0; start += block.Count)
        {
            for (int i = 0; i < block.Count; i++)
            {
                WrittenRow row = rows[start + i];
                var stamp = new RowStamp(file.SymbolIds[block.Instruments[i]], block.Times[i], block.Events[i], (BookTrust)block.Trusts[i]);
                Assert.That(stamp, Is.EqualTo(row.Stamp), $"{where}, row {start + i}");
                Assert.That(
                    (block.ReceiveTimes[i], block.Sequences[i], (EventFlags)block.Flags[i]),
                    Is.EqualTo((row.Event.ReceiveTime, row.Event.Sequence, row.Event.Flags)), $"{where}, row {start + i}");
                Assert.That(
                    MemoryMarshal.AsBytes(block.Row(i)).SequenceEqual(MemoryMarshal.AsBytes(row.Features.AsSpan())), $"{where}: the features of row {start + i}, bit by bit");
            }
        }

        Assert.That(start, Is.EqualTo(rows.Length), where);
    }

    /// <summary>A file as a killed writer could leave one, with columns of lengths of their own.</summary>
    private void WriteUneven(Func<string, int> length, int unwrittenTimes = 0, int instrument = 0)
    {
        using Hdf5File file = Hdf5File.Create(_path, overwrite: false);
        FeatureFileFixture.Head.Write(file);
        var chunking = new Hdf5Chunking(16, 0);
        byte[] names = new byte[FeatureFileFixture.Features * 10];
        for (int i = 0; i < FeatureFileFixture.Features; i++)
        {
            System.Text.Encoding.UTF8.GetBytes($"feature_{i}", names.AsSpan(i * 10));
        }

        using Hdf5Column nameColumn = Hdf5Column.CreateTexts(file, FeatureFileFormat.FeatureNames, chunking, 10);
        nameColumn.Append(names, FeatureFileFixture.Features);
        using Hdf5Column symbols = Hdf5Column.CreateTexts(file, FeatureFileFormat.Symbols, chunking, FeatureFileFormat.SymbolBytes);
        symbols.Append(new byte[FeatureFileFormat.SymbolBytes], 1);
        Fill<int>(FeatureFileFormat.SymbolIds, 1, 0);
        Fill<float>(FeatureFileFormat.Features, length(FeatureFileFormat.Features), 1, FeatureFileFixture.Features);
        Fill<long>(FeatureFileFormat.ReceiveTime, length(FeatureFileFormat.ReceiveTime), 2);
        Fill(FeatureFileFormat.Instrument, length(FeatureFileFormat.Instrument), instrument);
        Fill<long>(FeatureFileFormat.Event, length(FeatureFileFormat.Event), 3);
        Fill<ulong>(FeatureFileFormat.Sequence, length(FeatureFileFormat.Sequence), 4);
        Fill<byte>(FeatureFileFormat.Trust, length(FeatureFileFormat.Trust), 0);
        Fill<byte>(FeatureFileFormat.Flags, length(FeatureFileFormat.Flags), 0);
        Fill<long>(FeatureFileFormat.End, 0, 0);
        long[] times = [.. Enumerable.Range(0, length(FeatureFileFormat.Time)).Select(i => (long)i)];
        times.AsSpan(times.Length - unwrittenTimes).Fill(FeatureFileFormat.Unwritten);
        using Hdf5Column time = Hdf5Column.Create<long>(file, FeatureFileFormat.Time, chunking);
        time.Append(MemoryMarshal.AsBytes(times.AsSpan()), times.Length);

        void Fill<T>(string name, int rows, T value, int width = 0)
            where T : unmanaged
        {
            var values = new T[rows * Math.Max(1, width)];
            Array.Fill(values, value);
            using Hdf5Column column = Hdf5Column.Create<T>(file, name, chunking, width);
            column.Append(MemoryMarshal.AsBytes(values.AsSpan()), rows);
        }
    }
}
