using System.Collections;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using Engine.Bench.Books;
using Engine.Inference;

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
        Assert.That(Engine.Latency.Stages.StagesCommand.Run(["--messages", "20000", "--instruments", "8", "--model", model], output), Is.Zero);
        TestContext.Out.WriteLine(output);
        Assert.That(output.ToString(), Does.Contain("ITCH decode").And.Contains("checksum").And.Contains("ONNX Runtime 1.30.0"));
    }

    [Test]
    public void The_tree_table_runs_small()
    {
        var output = new StringWriter();
        Assert.That(Engine.Latency.Trees.TreesCommand.Run(["--trees", "20", "--depth", "4", "--features", "12", "--rows", "200"], output), Is.Zero);
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
