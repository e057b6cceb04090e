using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Lab;

namespace Engine.Simulator.Tests.Lab;

public class LabSeedModelTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("lab-seed-model-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, true);

    [TestCase(false)]
    [TestCase(true)]
    public void An_LSTM_comes_out_as_it_was_asked_for(bool isStreaming)
    {
        string capture = Capture();
        string path = Path.Combine(_folder, "lstm.onnx");
        string[] mode = isStreaming ? ["--streaming"] : [];
        (int exit, string error) = Run(["seed-model", capture, "--kind", "lstm", "--window", "7", "--features", "6", "--units", "9", "--layers", "2", "-o", path, .. mode]);
        Assert.That(exit, Is.Zero, error);
        LstmNetwork network = ModelArtefact.Load(path).Lstm!;
        Assert.That(
            (network.Steps, network.Features.Count, network.Layers.Count, network.Layers[0].Units, network.Mode),
            Is.EqualTo((7, 6, 2, 9, isStreaming ? SequenceMode.Streaming : SequenceMode.Windows)));
    }

    [TestCase("--kind gru", "--kind 'gru' is unknown; use silo, lstm, trees or ensemble")]
    [TestCase("--window 9", "--window is for --kind lstm")]
    [TestCase("--streaming", "--streaming is for --kind lstm")]
    [TestCase("--kind lstm --window 0", "--window 0: use 1 to 4096")]
    [TestCase("--kind lstm --units 1025", "--units 1025: use 1 to 1024")]
    [TestCase("--kind lstm --features 5000", "--features 5000: contract default has ")]
    public void What_makes_no_sense_is_refused_in_one_line(string options, string expected)
    {
        (int exit, string error) = Run(["seed-model", Capture(), "-o", Path.Combine(_folder, "x.onnx"), .. options.Split(' ')]);
        Assert.That(exit, Is.EqualTo(LabCommandLine.UsageExit), error);
        Assert.That(error.TrimEnd().Split('\n')[^1], Does.Contain(expected));
        Assert.That(Path.Combine(_folder, "x.onnx"), Does.Not.Exist);
    }

    private string Capture()
    {
        string path = Path.Combine(_folder, "day.pcap");
        Assert.That(Run(["sim", "--seed", "3", "--messages", "500", "--instruments", "2", "--out", path]).Exit, Is.Zero);
        return path;
    }

    private static (int Exit, string Error) Run(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exit = LabCommandLine.Run(args, output, error);
        return (exit, error.ToString());
    }
}
