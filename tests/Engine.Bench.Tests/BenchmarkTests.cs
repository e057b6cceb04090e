using System.Collections;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using Engine.Bench.Books;
using Engine.Inference;
using Engine.Simulator;

namespace Engine.Bench.Tests;

/// <summary>Benchmarks cannot rot: each runs once, small, and prints what it gave.</summary>
public sealed class BenchmarkTests
{
    private const int SmallSize = 2_000;

    private static IEnumerable<TestCaseData> Benchmarks() =>
        from type in typeof(BookBenchmarks).Assembly.GetTypes()
        where type.IsClass && !type.IsAbstract
        from method in type.GetMethods()
        where method.GetCustomAttribute<BenchmarkAttribute>() is not null && CanRun(method)
        select new TestCaseData(type, method).SetArgDisplayNames(type.Name, method.Name);

    [TestCaseSource(nameof(Benchmarks))]
    public void Each_benchmark_runs_once(Type type, MethodInfo method)
    {
        object benchmark = Activator.CreateInstance(type)!;
        SetParams(type, benchmark);
        Setup(type, benchmark);
        try
        {
            object? result = method.Invoke(benchmark, null);
            TestContext.Out.WriteLine($"{type.Name}.{method.Name}: {result}");
            Assert.That(method.ReturnType == typeof(void) || result is not null, "a benchmark gives a checksum");
        }
        finally
        {
            With<GlobalCleanupAttribute>(type)?.Invoke(benchmark, null);
        }
    }

    [Test]
    public void There_are_benchmarks_of_every_stage()
    {
        string[] stages = [.. Benchmarks().Select(b => ((Type)b.Arguments[0]!).Namespace!.Split('.')[^1]).Distinct().Order(StringComparer.Ordinal)];
        Assert.That(stages, Is.EqualTo(new[] { "Books", "Feeds", "Inference", "Rings" }));
    }

    [Test]
    public void The_stage_table_runs_small()
    {
        var output = new StringWriter();
        string model = Path.Combine(Root(), "tools", "samples", "silo.onnx");
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Stages.StagesCommand.Run(["--messages", "20000", "--instruments", "8", "--model", model], output)), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("ITCH decode").And.Contains("checksum").And.Contains("ONNX Runtime 1.30.0"));
    }

    [Test]
    public void The_table_of_families_runs_small()
    {
        var output = new StringWriter();
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Features.FamiliesCommand.Run(["--messages", "2000", "--instruments", "3"], output)), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("contract default").And.Contains("order_flow_imbalance"));
    }

    [Test]
    public void The_table_of_normalisers_runs_small()
    {
        var output = new StringWriter();
        string samples = Path.Combine(Root(), "tools", "samples");
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Features.NormaliserCommand.Run(
            ["--rows", "200", "--model", Path.Combine(samples, "silo.onnx"), "--capture", Path.Combine(samples, "market.pcap.gz")], output)), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("rows of one instrument").And.Contains("ranks and the model").And.Contains("checksum"));
    }

    [Test]
    public void The_silo_table_runs_small_and_its_ratios_are_to_a_line_that_it_names()
    {
        var output = new StringWriter();
        string samples = Path.Combine(Root(), "tools", "samples");
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Silos.SiloCommand.Run(
            ["--rows", "100", "--model", Path.Combine(samples, "silo.onnx"), "--capture", Path.Combine(samples, "market.pcap.gz")], output)), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("ratios are to the p50 of ONNX Runtime 1.30.0").And.Match(@"ONNX Runtime 1\.30\.0 .* 1\.0000 "));
    }

    [Test]
    public void The_books_of_a_file_run_small()
    {
        string day = Path.Combine(Path.GetTempPath(), "engine-bench-" + Guid.NewGuid().ToString("N") + ".itch");
        try
        {
            using (FileStream file = File.Create(day))
            {
                Simulation.Run(new SimulationOptions { Seed = 1, Messages = 20_000, Instruments = 8, Format = OutputFormat.BinaryFile }, file);
            }

            var output = new StringWriter();
            Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Books.BooksCommand.Run(["--capture", day, "--rounds", "1"], output)), Is.Zero);
            TestContext.Out.WriteLine(output);
            Assert.That(output.ToString(), Does.Match("digest [0-9a-f]{16}").And.Contains("decode + L3 book"));
        }
        finally
        {
            File.Delete(day);
        }
    }

    [Test]
    public void A_million_orders_and_a_flow_hold_no_more_memory_at_the_end()
    {
        var output = new StringWriter();
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Books.MemoryCommand.Run(["--events", "200000"], output)), Is.Zero, output.ToString());
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("1,000,000 orders").And.Contains("index of order ids"));
    }

    [Test]
    public void The_LSTM_table_runs_small()
    {
        var output = new StringWriter();
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Sequences.LstmCommand.Run(["--ticks", "100", "--steps", "6", "--units", "8", "--layers", "2"], output)), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("tick to prediction").And.Contains("checksum").And.Contains("ONNX Runtime 1.30.0"));
        string[] native = [.. output.ToString().Split('\n').Where(l => l.Contains("checksum", StringComparison.Ordinal) && !l.Contains("ONNX", StringComparison.Ordinal)).Select(l => l.Split(' ')[^1]).Distinct()];
        Assert.That(native, Has.Length.EqualTo(1), "every kernel gives the same");
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Sequences.LstmCommand.Run(["--units", "0"], output)), Is.EqualTo(2));
    }

    [Test]
    public void The_training_table_is_printed_and_bad_options_are_refused()
    {
        var output = new StringWriter();
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Training.TrainCommand.Run(["--round-ms", "1", "--python", "none"], output)), Is.Zero);
        Assert.That(output.ToString(), Does.Contain("lstm").And.Contain("silos").And.Contain("loss after").And.Contain("(without PyTorch)"));
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Training.TrainCommand.Run(["--round-ms", "0"], output)), Is.EqualTo(2));
    }

    [Test]
    public void The_tree_table_runs_small()
    {
        var output = new StringWriter();
        Assert.That(OnThreadOfItsOwn(() => Engine.Latency.Trees.TreesCommand.Run(["--trees", "20", "--depth", "4", "--features", "12", "--rows", "200"], output)), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("scalar").And.Contains("ONNX Runtime 1.30.0").And.Contains("XGBoost"));
    }

    [Test]
    public void The_ring_table_runs_small()
    {
        var output = new StringWriter();
        int expected = Environment.ProcessorCount > 1 ? 0 : 2;
        Assert.That(Engine.Latency.Rings.RingCommand.Run(["--events", "20000", "--rounds", "1", "--pairs", "first"], output), Is.EqualTo(expected));
        Assert.That(expected != 0 || output.ToString().Contains("checksum", StringComparison.Ordinal), output.ToString());
    }

    /// <summary>A command pins the thread that it runs on: not the one that other tests run on.</summary>
    private static int OnThreadOfItsOwn(Func<int> command)
    {
        int result = -1;
        var thread = new Thread(() => result = command());
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>A kernel's benchmark is there only where the CPU has its instruction set.</summary>
    private static bool CanRun(MethodInfo method) =>
        !(method.Name.StartsWith("Avx512", StringComparison.Ordinal) && !KernelChoice.IsSupported(Kernel.Avx512))
        && !(method.Name.StartsWith("Avx2", StringComparison.Ordinal) && !KernelChoice.IsSupported(Kernel.Avx2));

    private static void SetParams(Type type, object benchmark)
    {
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { } values)
            {
                property.SetValue(benchmark, ((IEnumerable)values.Values).Cast<object?>().First());
            }
        }
    }

    private static void Setup(Type type, object benchmark)
    {
        if (type.GetMethod("Setup", [typeof(int)]) is { } small)
        {
            small.Invoke(benchmark, [SmallSize]);
        }
        else
        {
            With<GlobalSetupAttribute>(type)?.Invoke(benchmark, null);
        }
    }

    private static MethodInfo? With<TAttribute>(Type type)
        where TAttribute : Attribute =>
        type.GetMethods().FirstOrDefault(m => m.GetCustomAttribute<TAttribute>() is not null);

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }
}
