using System.Diagnostics;

namespace Engine.Host.Tests.Support;

/// <summary>The program in one of its two forms: the JIT build of the project beside these tests, or a published native binary.</summary>
public sealed class EngineBinary
{
    /// <summary>Environment variable that names the native binary.</summary>
    public const string NativeVariable = "ENGINE_NATIVE";

    /// <summary>Category of the tests that need it.</summary>
    public const string NativeCategory = "Native";

    private static readonly Dictionary<string, string> s_noVariables = [];

    private readonly string _file;
    private readonly string[] _first;

    private EngineBinary(string name, string file, params string[] first)
    {
        Name = name;
        _file = file;
        _first = first;
    }

    /// <summary>The build in bin/.</summary>
    public static EngineBinary Jit { get; } = FindJit();

    /// <summary>The published native binary, or one that is not available.</summary>
    public static EngineBinary Native { get; } = new("native", Environment.GetEnvironmentVariable(NativeVariable) ?? "");

    /// <summary>Arguments of the fixtures that run once for each form.</summary>
    public static IEnumerable<TestFixtureData> Forms
    {
        get
        {
            yield return new TestFixtureData(Jit).SetArgDisplayNames("jit");
            TestFixtureData native = new TestFixtureData(Native).SetArgDisplayNames("native");
            native.Properties.Add("Category", NativeCategory);
            yield return native;
        }
    }

    /// <summary>`jit` or `native`.</summary>
    public string Name { get; }

    /// <summary>Ends the test as ignored when this form was not built.</summary>
    public void IgnoreUnlessAvailable()
    {
        if (_file.Length == 0)
        {
            Assert.Ignore($"{NativeVariable} names no published native binary");
        }

        Assert.That(_file, Does.Exist, "the program");
    }

    /// <summary>Runs to the end.</summary>
    public EngineRun Run(params string[] arguments) => RunWith(s_noVariables, arguments);

    /// <summary>Runs to the end with environment variables set.</summary>
    public EngineRun RunWith(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using EngineProcess process = Start(environment, null, arguments);
        return process.Wait();
    }

    /// <summary>Runs to the end with a file on stdin.</summary>
    public EngineRun RunOnInput(string file, params string[] arguments)
    {
        using EngineProcess process = Start(s_noVariables, file, arguments);
        return process.Wait();
    }

    /// <summary>Starts and returns at once. Ctrl-C and SIGHUP have their usual effect even where these tests run in the background of a
    /// script or under nohup, whose children inherit that they are ignored.</summary>
    public EngineProcess Start(params string[] arguments) =>
        new(Prepare("env", s_noVariables, ["--default-signal=INT,HUP", _file, .. _first, .. arguments]), string.Join(' ', arguments), null);

    /// <summary>Runs in a shell, for what only a shell can set up; the script says <c>exec "$@"</c>.</summary>
    public EngineRun RunInShell(string script, params string[] arguments)
    {
        using EngineProcess process = StartInShell(script, arguments);
        return process.Wait();
    }

    /// <summary>The same, and returns at once.</summary>
    public EngineProcess StartInShell(string script, params string[] arguments) => new(
        Prepare("env", s_noVariables, ["--default-signal=INT,HUP", "bash", "-c", script, "bash", _file, .. _first, .. arguments]), $"{string.Join(' ', arguments)} (in: {script})", null);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private EngineProcess Start(IReadOnlyDictionary<string, string> environment, string? inputFile, string[] arguments) =>
        new(Prepare(_file, environment, [.. _first, .. arguments]), string.Join(' ', arguments), inputFile);

    private static ProcessStartInfo Prepare(string file, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = Repository.Scratch };
        foreach (string ambient in (string[])["ENGINE_KERNEL", "ENGINE_TRACE"])
        {
            start.Environment.Remove(ambient);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static EngineBinary FindJit()
    {
        // …/tests/Engine.Host.Tests/bin/<configuration>/<framework>/
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string assembly = Repository.File($"engine/Engine.Host/bin/{here.Parent!.Name}/{here.Name}/Engine.Host.dll");
        return new EngineBinary("jit", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", assembly);
    }
}
