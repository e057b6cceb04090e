using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;

namespace Engine.Tests.Inference;

/// <summary>A damaged file is refused by name or works; nothing else comes out of loading it.</summary>
public class ArtefactFuzzTests
{
    [Test]
    public void Every_byte_damaged_is_a_refusal_or_a_model()
    {
        byte[] good = ModelArtefactTests.Small();
        var random = new SeededRandom(41);
        int refused = 0;
        for (int at = 0; at < good.Length; at++)
        {
            var bytes = (byte[])good.Clone();
            bytes[at] = random.Next(4) switch
            {
                0 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                1 => 0xFF,
                2 => 0,
                _ => (byte)random.Next(256),
            };
            refused += Try(bytes, $"byte {at}");
        }

        TestContext.Out.WriteLine($"{refused} of {good.Length} damaged files were refused");
        Assert.That(refused, Is.GreaterThan(good.Length / 3));
    }

    [Test]
    public void Every_kind_of_damage_is_a_refusal_or_a_model([Range(1, 20)] int seed)
    {
        byte[] good = ModelArtefactTests.Small();
        var random = new SeededRandom((ulong)seed);
        for (int i = 0; i < 200; i++)
        {
            List<byte> bytes = [.. good];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(bytes.Count - 64);
                switch (random.Next(4))
                {
                    case 0:
                        bytes.RemoveRange(at, random.Next(1, 64));
                        break;
                    case 1:
                        var noise = new byte[random.Next(1, 64)];
                        random.NextBytes(noise);
                        bytes.InsertRange(at, noise);
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - 64), 64));
                        break;
                    default:
                        bytes[at] = (byte)random.Next(256);
                        break;
                }
            }

            Try([.. bytes], $"seed {seed}, file {i}");
        }
    }

    [Test]
    public void ONNX_Runtime_refuses_by_name_too()
    {
        byte[] good = ModelArtefactTests.Small();
        var random = new SeededRandom(43);
        for (int i = 0; i < 1_000; i++)
        {
            var bytes = (byte[])good.Clone();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Try(bytes, $"file {i}", InferenceMode.Ort);
        }
    }

    [Test]
    public void Every_cut_is_a_refusal()
    {
        byte[] good = ModelArtefactTests.Small();
        for (int length = 0; length < good.Length; length++)
        {
            Assert.That(Try(good[..length], $"cut at {length}"), Is.EqualTo(1), $"cut at {length}");
        }
    }

    private static int Try(byte[] bytes, string what, InferenceMode mode = InferenceMode.Native)
    {
        try
        {
            ModelArtefact artefact = ModelArtefact.Parse(bytes);
            PredictorFactory.Create(artefact, mode, KernelChoice.Best).Dispose();
            return 0;
        }
        catch (ArtefactException)
        {
            return 1;
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
            throw;
        }
    }
}
