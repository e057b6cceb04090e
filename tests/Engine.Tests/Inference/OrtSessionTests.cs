using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Inference.OnnxRuntime;

namespace Engine.Tests.Inference;

public class OrtSessionTests
{
    [Test]
    public void The_library_is_the_pinned_version() => Assert.That(OrtLibrary.Version, Is.EqualTo(OrtLibrary.PinnedVersion));

    [Test]
    public void A_model_that_is_none_is_refused_with_its_own_message() =>
        Assert.That(() => new OrtSession(new byte[] { 1, 2, 3 }), Throws.TypeOf<OrtException>().With.Message.Contains("CreateSessionFromArray"));

    [Test]
    public void A_wrong_shape_is_refused_with_its_own_message()
    {
        var random = new SeededRandom(1);
        SiloNetwork network = TestModels.SmallNetwork(random);
        byte[] file = ArtefactWriter.Write(network, TestModels.Describe(network, random));
        using var predictor = new OrtPredictor(file, 7);
        Assert.That(() => predictor.Predict(new float[7]), Throws.TypeOf<OrtException>().With.Message.Contains("Run failed"));
    }

    [Test]
    public void Names_are_the_graphs()
    {
        var random = new SeededRandom(1);
        SiloNetwork network = TestModels.SmallNetwork(random);
        using var session = new OrtSession(ArtefactWriter.Write(network, TestModels.Describe(network, random)));
        Assert.That(session.InputNames, Is.EqualTo(new[] { SiloGraph.InputName }));
        Assert.That(session.OutputNames, Is.EqualTo(new[] { SiloGraph.OutputName }));
        Assert.That(session.Run, Throws.InvalidOperationException);
        Assert.That(() => session.Bind([], []), Throws.ArgumentException);
    }

    [Test]
    public void Leaves_denormals_and_rounding_as_they_were()
    {
        // A denormal that survives a product, one that a sum needs as an operand, and a third that is rounded to even.
        string before = Arithmetic();
        var random = new SeededRandom(1);
        SiloNetwork network = TestModels.SmallNetwork(random);
        using (var predictor = new OrtPredictor(ArtefactWriter.Write(network, TestModels.Describe(network, random)), 25))
        {
            Assert.That(Arithmetic(), Is.EqualTo(before), "after the session was made");
            for (int i = 0; i < 100; i++)
            {
                predictor.Predict(TestModels.RandomRow(random, 25, special: true));
                Assert.That(Arithmetic(), Is.EqualTo(before), $"after run {i}");
            }
        }

        Assert.That(Arithmetic(), Is.EqualTo(before), "after the session was released");
        Assert.That(before, Does.StartWith("00000001 00000003"), "and the test machine keeps denormals to begin with");
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static string Arithmetic()
    {
        float tiny = float.Epsilon;
        float small = 1.17549435e-38f;
        float[] results = [tiny * Opaque(1f), (tiny * 2) + Opaque(tiny), small * Opaque(0.5f), Opaque(1f) / 3f, Opaque(16777216f) + 1f, -Opaque(16777216f) - 3f];
        return string.Join(' ', results.Select(r => BitConverter.SingleToUInt32Bits(r).ToString("x8")));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static float Opaque(float value) => value;
}
