namespace Engine.Training.Devices;

/// <summary>A program to be compiled: files one behind the other, errors told in each file's own lines.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Files">File names (for messages) and texts, in order; the prelude of the device's language is put before them.</param>
/// <param name="Constants">Preprocessor constants and their values, e.g. `UNITS` → `64`.</param>
public sealed record KernelSource(
    string Name, IReadOnlyList<(string File, string Text)> Files, IReadOnlyList<(string Name, string Value)> Constants);
