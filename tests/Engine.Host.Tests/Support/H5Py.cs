using System.Diagnostics;
using System.Text.Json;

namespace Engine.Host.Tests.Support;

/// <summary>The other reader and writer of HDF5: Debian's python3-h5py.</summary>
internal static class H5Py
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<bool> s_isHere = new(() => File.Exists(Python) && Start("import h5py").Exit == 0);

    /// <summary>Runs a script that prints one JSON value; ends the test as ignored where h5py is not installed.</summary>
    /// <param name="script">The script; numpy is np, and the arguments are a.</param>
    /// <param name="arguments">They.</param>
    public static JsonElement Run(string script, params string[] arguments)
    {
        if (!s_isHere.Value)
        {
            Assert.Ignore("python3-h5py is not installed: apt-get install python3-h5py");
        }

        (int exit, string output, string error) = Start($"import sys, json, hashlib, h5py, numpy as np\na = sys.argv[1:]\n{script}", arguments);
        Assert.That(exit, Is.Zero, error);
        return JsonDocument.Parse(output).RootElement;
    }

    private static (int Exit, string Output, string Error) Start(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
