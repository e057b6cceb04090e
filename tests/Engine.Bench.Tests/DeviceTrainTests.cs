using Engine.Latency.Training;
using Engine.Training.Devices;

namespace Engine.Bench.Tests;

/// <summary>The table of training on devices.</summary>
[Category("Gpu")]
public sealed class DeviceTrainTests
{
    [Test]
    public void Gpu_training_table_runs_small()
    {
        if (DeviceList.OpenCl() is { Devices.Count: 0, Missing: var why })
        {
            Assert.Ignore(why);
        }

        var output = new StringWriter();
        Assert.That(TrainCommand.Run(["--backend", "opencl", "--small", "--python", "none"], output), Is.Zero);
        TestContext.Out.WriteLine(output);
        string[] lines = output.ToString().Split('\n');
        foreach (string network in (string[])["lstm", "silos"])
        {
            foreach (int models in (int[])[1, 2])
            {
                Assert.That(lines, Has.Some.Matches($@"^  {network} +float32 +16 +{models} +[\d.]+ +[\d,]+ +[\d.]+%? *%? +[\d.]+"));
            }

            Assert.That(lines, Has.Some.Matches($@"^  {network} +float32 +largest difference [\d.]+E-0\d\d of the loss"));
            Assert.That(lines, Has.Some.Matches($@"^  {network} +float32 +to 0\.\d+, not reached: [\d.]+ s, 16 steps, loss 0\.\d+"));
        }

        Assert.That(output.ToString(), Does.Contain("without PyTorch: none was asked for").And.Contain("TFLOP/s"));
    }

    [TestCase("--backend", "metal")]
    [TestCase("--backend", "opencl", "--batches", "0")]
    [TestCase("--backend", "opencl", "--models", "65")]
    [TestCase("--backend", "opencl", "--seconds")]
    [TestCase("--backend", "opencl", "--device", "999")]
    public void Wrong_options_are_refused(params string[] args) => Assert.That(TrainCommand.Run(args, TextWriter.Null), Is.EqualTo(2));
}
