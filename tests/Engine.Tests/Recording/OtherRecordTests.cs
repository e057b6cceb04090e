using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Numerics;
using Engine.Recording;
using Engine.Signals;
using Engine.TestKit;

namespace Engine.Tests.Recording;

/// <summary>What stands in a log between predictions: what members of an ensemble said, and models that take the place of others.</summary>
public sealed class OtherRecordTests
{
    private readonly string _path = LogFixture.TemporaryPath();

    [TearDown]
    public void Delete() => File.Delete(_path);

    [Test]
    public void Every_field_has_its_place()
    {
        var item = default(Prediction);
        ref MemberRecord members = ref MemberRecord.Of(ref item);
        (members.RecordKind, members.Count, members.First, members.Model, members.Instrument, members.Check) = (6, 2, 3, 4, 0x0A0B0C0D, 0x11223344);
        (members.Values[0], members.Values[11]) = (1f, -2f);
        byte[] bytes = MemoryMarshal.AsBytes(new Span<Prediction>(ref item)).ToArray();
        Assert.That(bytes[..8], Is.EqualTo((byte[])[6, 2, 3, 4, 0x0D, 0x0C, 0x0B, 0x0A]));
        Assert.That((BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(8)), BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(52))), Is.EqualTo((1f, -2f)));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(60)), Is.EqualTo(0x11223344));

        item = default;
        ref ModelRecord swap = ref ModelRecord.Of(ref item);
        (swap.RecordKind, swap.Place, swap.Replaced, swap.Model, swap.ExchangeTime, swap.Event, swap.Check) = (5, 1, 2, 3, 77, -1, 9);
        swap.Sha256 = ModelHash.Parse(string.Concat(Enumerable.Repeat("c0ffee01", 8)));
        bytes = MemoryMarshal.AsBytes(new Span<Prediction>(ref item)).ToArray();
        Assert.That(bytes[..16], Is.EqualTo((byte[])[5, 1, 2, 3, 0, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0]));
        Assert.That(bytes[16..28], Is.EqualTo((byte[])[255, 255, 255, 255, 255, 255, 255, 255, 0xC0, 0xFF, 0xEE, 0x01]));
        Assert.That((bytes[55], bytes[56], bytes[60]), Is.EqualTo((1, 0, 9)));
        Assert.That((Unsafe.SizeOf<MemberRecord>(), Unsafe.SizeOf<ModelRecord>()), Is.EqualTo((64, 64)));
        Assert.That(swap.Sha256.ToString(), Does.StartWith("c0ffee01c0ffee01").And.Length.EqualTo(64));
    }

    [Test]
    public void They_come_back_where_they_stood()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            Prediction[] predictions = LogFixture.Predictions(seed, 700, 2);
            float[][] said = [.. predictions.Select(p => p.Model == 1 ? Enumerable.Range(0, 29).Select(_ => random.Chance(0.1) ? float.NaN : (float)random.NextNormal()).ToArray() : [])];
            string[] hashes = [.. Enumerable.Range(0, 3).Select(i => new string((char)('a' + i), 64))];
            byte[] log = Write(writer =>
            {
                for (int i = 0; i < predictions.Length; i++)
                {
                    if (i % 233 == 0 && i > 0)
                    {
                        Prediction swap = Swap((byte)(i / 233), hashes[(i / 233) - 1], i);
                        writer.Append(ref swap);
                    }

                    foreach (Prediction part in Members(predictions[i], said[i]))
                    {
                        Prediction item = part;
                        writer.Append(ref item);
                    }

                    writer.Append(ref predictions[i]);
                }
            });
            File.WriteAllBytes(_path, log);
            using PredictionLogReader reader = PredictionLogReader.Open(_path);
            for (int i = 0; i < predictions.Length; i++)
            {
                Assert.That(reader.TryRead(out Prediction read), Is.True, $"seed {seed}, {i}: {reader.Fault}");
                Assert.That(read, Is.EqualTo(predictions[i]), $"seed {seed}, {i}");
                Assert.That(reader.Members.ToArray(), Is.EqualTo(said[i]), $"seed {seed}, {i}");
                Assert.That(reader.Swaps, Has.Count.EqualTo(i / 233), $"seed {seed}, {i}");
            }

            Assert.That((reader.TryRead(out _), reader.IsComplete, reader.Fault), Is.EqualTo((false, true, (string?)null)));
            Assert.That(reader.Swaps.Select(s => (s.Event, s.Sha256.ToString())), Is.EqualTo(hashes.Select((h, i) => ((i + 1) * 233L, h))));
        }
    }

    [Test]
    public void A_models_digest_is_that_of_a_run_of_it_alone()
    {
        Prediction[] predictions = LogFixture.Predictions(9, 300, 2);
        using var together = new PredictionLogWriter(null, null, LogFixture.Instruments("A", "B"));
        for (int i = 0; i < predictions.Length; i++)
        {
            together.Append(ref predictions[i]);
        }

        foreach (byte model in (byte[])[0, 1])
        {
            using var alone = new PredictionLogWriter(null, null, LogFixture.Instruments("A", "B"));
            foreach (Prediction prediction in predictions.Where(p => p.Model == model))
            {
                Prediction own = prediction with { Model = 0 };
                alone.Append(ref own);
            }

            ModelTally tally = together.Tally(model);
            Assert.That((tally.Digest, tally.Predictions), Is.EqualTo((alone.Digest, alone.Predictions)), $"model {model}");
            Assert.That(tally.Missing, Is.EqualTo(predictions.Where(p => p.Model == model).Sum(p => p.Missing)));
        }

        Assert.That(together.Tally(2).Digest, Is.Zero);
    }

    [TestCase(0, 0, 3, "where those from 0 on are expected")]
    [TestCase(0, 13, 3, "where those from 0 on are expected")]
    [TestCase(2, 3, 3, "where those from 0 on are expected")]
    [TestCase(0, 3, 4, "of another model or instrument")]
    public void Values_of_members_that_stand_alone_are_a_fault(byte first, byte count, byte model, string words)
    {
        Prediction prediction = LogFixture.Predictions(1, 1, 1)[0] with { Model = 3 };
        byte[] log = Write(writer =>
        {
            var item = default(Prediction);
            ref MemberRecord record = ref MemberRecord.Of(ref item);
            (record.RecordKind, record.First, record.Count, record.Model, record.Instrument) = (MemberRecord.Kind, first, count, model, prediction.Instrument);
            writer.Append(ref item);
            writer.Append(ref prediction);
        });
        LogFixture.Outcome outcome = LogFixture.Read(_path, log);
        Assert.That(outcome.Predictions, Is.Empty);
        Assert.That(outcome.Fault, Does.Contain(words));
    }

    private static byte[] Write(Action<PredictionLogWriter> append)
    {
        var stream = new MemoryStream();
        using var writer = new PredictionLogWriter(stream, LogFixture.Head, LogFixture.Instruments("AAPL", "MSFT"));
        append(writer);
        writer.Close();
        return stream.ToArray();
    }

    private static Prediction Swap(byte model, string hash, long number)
    {
        var item = default(Prediction);
        ref ModelRecord record = ref ModelRecord.Of(ref item);
        (record.RecordKind, record.Model, record.Event) = (ModelRecord.Kind, model, number);
        record.Sha256 = ModelHash.Parse(hash);
        return item;
    }

    private static IEnumerable<Prediction> Members(Prediction prediction, float[] said)
    {
        for (int first = 0; first < said.Length; first += 12)
        {
            float[] some = said[first..Math.Min(said.Length, first + 12)];
            var item = default(Prediction);
            Fill(ref item, prediction, first, some);
            yield return item;
        }
    }

    private static void Fill(ref Prediction item, in Prediction prediction, int first, float[] some)
    {
        ref MemberRecord record = ref MemberRecord.Of(ref item);
        (record.RecordKind, record.First, record.Count, record.Model, record.Instrument) = (MemberRecord.Kind, (byte)first, (byte)some.Length, prediction.Model, prediction.Instrument);
        some.CopyTo((Span<float>)record.Values);
    }
}
