using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Engine.Core.Natives;

namespace Engine.Training.Devices;

/// <summary>
/// A native library of a device, loaded once: the file that its variable names, else one beside the binary, else the system's, else the one under
/// `.native` of the checkout that the binary is in.
/// </summary>
/// <param name="title">What it is called in messages.</param>
/// <param name="variable">The environment variable with its path.</param>
/// <param name="names">File names, the preferred first.</param>
/// <param name="next">What to do to get it, as a sentence's end behind "Next: ".</param>
/// <param name="before">Files that it loads by name and that lie beside it where it was brought along: their names' start.</param>
internal sealed class DeviceLibrary(string title, string variable, IReadOnlyList<string> names, string next, IReadOnlyList<string>? before = null)
{
    private readonly Lock _gate = new();
    private nint _handle;

    /// <summary>The name or path that it was loaded by; empty before.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Loads it if it is not yet.</summary>
    /// <exception cref="DeviceException">It cannot be had; what was looked for, and the next step.</exception>
    public nint Load()
    {
        lock (_gate)
        {
            return _handle != 0 ? _handle : _handle = Find();
        }
    }

    /// <summary>A function of it.</summary>
    /// <exception cref="DeviceException">The library or the function cannot be had.</exception>
    public nint Function(string name) => NativeLibrary.TryGetExport(Load(), name, out nint function)
        ? function
        : throw new DeviceException($"{title} ({Path}) has no function {name}: it is too old. Next: {next}.");

    /// <summary>A function that not every version of it has; 0 where it has none.</summary>
    /// <exception cref="DeviceException">The library cannot be had.</exception>
    public nint TryFunction(string name) => NativeLibrary.TryGetExport(Load(), name, out nint function) ? function : 0;

    private nint Find()
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named)
        {
            return TryLoad(named, out nint forced)
                ? forced
                : throw new DeviceException($"{variable}={named} cannot be loaded. Set it to a {names[0]}, or unset it.");
        }

        foreach (string name in names)
        {
            if (TryLoad(NativeFiles.Beside(name), out nint library) || TryLoad(name, out library) || TryLoad(NativeFiles.InCheckout(name), out library))
            {
                return library;
            }
        }

        throw new DeviceException($"{title} was not found (looked for {string.Join(", ", names)}). Next: {next}, or set {variable}=/path/to/{names[0]}.");
    }

    private bool TryLoad([NotNullWhen(true)] string? path, out nint library)
    {
        library = 0;
        if (path is null)
        {
            return false;
        }

        foreach (string file in System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder && Directory.Exists(folder)
            ? (before ?? []).SelectMany(start => Directory.EnumerateFiles(folder, start + "*")) : [])
        {
            // Found by its name from here on, whatever the search path is; the system's own serves as well.
            _ = NativeLibrary.TryLoad(file, out _);
        }

        if (!NativeLibrary.TryLoad(path, out library))
        {
            return false;
        }

        Path = path;
        return true;
    }
}
