using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class BannedApiTests
{
    private const string Kernel = "engine/Engine/Inference/Kernels/DenseScalar.cs";
    private const string Feed = "feeds/Engine.Feeds/Itch/ItchDecoder.cs";
    private const string Recorder = "engine/Engine/Recording/PredictionLogWriter.cs";
    private const string Labels = "gpu/Engine.Training/Labels/Horizon.cs";
    private const string Simulator = "tools/Engine.Simulator/Market/OrderFlow.cs";

    [TestCase(Kernel, "x = Math.Exp(y);")]
    [TestCase(Kernel, "x = MathF.Tanh(y);")]
    [TestCase(Kernel, "x = Math . Log2(y);")]
    [TestCase(Kernel, "x = float.Exp(y);")]
    [TestCase(Kernel, "x = Vector256.Exp(y);")]
    [TestCase(Kernel, "x = Vector512.SinCos(y);")]
    [TestCase(Kernel, "x = Vector128.Sum(y);")]
    [TestCase(Kernel, "x = Math.ReciprocalSqrtEstimate(y);")]
    [TestCase(Kernel, "x = Vector256.MultiplyAddEstimate(a, b, c);")]
    [TestCase(Kernel, "x = Avx512F.Reciprocal14(y);")]
    [TestCase(Kernel, "TensorPrimitives.Add(a, b, c);")]
    [TestCase(Kernel, "using static System.Math;")]
    [TestCase(Kernel, "using M = System.MathF;")]
    [TestCase(Kernel, "text = $\"{Math.Pow(x, 2)}\";")]
    [TestCase("engine/Engine/Features/Normaliser.cs", "x = Math.Pow(y, 2);")]
    [TestCase("engine/Engine/Books/OrderBooks.cs", "x = Math.Cbrt(y);")]
    [TestCase("engine/Engine/Signals/Prediction.cs", "x = Math.Atan2(y, z);")]
    [TestCase(Labels, "x = Math.Log(y);")]
    [TestCase(Simulator, "x = Math.Cos(y);")]
    [TestCase(Simulator, "x = new Random(3);")]
    [TestCase(Simulator, "t = DateTime.UtcNow;")]
    [TestCase(Labels, "Random r = new(3);")]
    [TestCase(Feed, "id = Guid.NewGuid();")]
    [TestCase(Feed, "t = DateTimeOffset.Now;")]
    [TestCase(Recorder, "t = Environment.TickCount64;")]
    [TestCase(Recorder, "t = Stopwatch.GetTimestamp();")]
    [TestCase("engine/Engine/Pipeline.cs", "x = Random.Shared.Next();")]
    public void It_catches(string path, string code) =>
        Assert.That(BannedApiCheck.Check(path, "// one\n" + code).Select(f => f.Line), Is.EqualTo([2]));

    [TestCase(Kernel, "x = Math.Sqrt(y) + Math.Abs(z) + Math.FusedMultiplyAdd(a, b, c);")]
    [TestCase(Kernel, "x = DeterministicMath.Exp(y) + Activations.Tanh(z);")]
    [TestCase(Kernel, "// Math.Exp(x) changes with the runtime\nx = 1;")]
    [TestCase(Kernel, "/* Vector256.Exp(x) */ text = \"Math.Exp(x)\";")]
    [TestCase(Kernel, "/// <see cref=\"Math.Exp(double)\"/>\nint x;")]
    [TestCase(Kernel, "x = EstimateBytes + Vector256.Subtract(a, b);")]
    [TestCase(Feed, "x = Math.Log(y);")]
    [TestCase("tests/Engine.Tests/X.cs", "x = Math.Exp(new Random(1).NextDouble()) + DateTime.Now.Ticks;")]
    [TestCase("engine/Engine.Core/Time/WallClock.cs", "t = DateTime.UtcNow;")]
    [TestCase("engine/Engine.Host/Replay/ProgressLine.cs", "t = Environment.TickCount64;")]
    public void It_lets_pass(string path, string code) => Assert.That(BannedApiCheck.Check(path, code), Is.Empty);

    [Test]
    public void The_tree_calls_nothing_banned() => Tree.AssertTidy(Tree.Sources.SelectMany(f => BannedApiCheck.Check(f.Path, f.Text!)));
}
