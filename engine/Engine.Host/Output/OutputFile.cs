namespace Engine.Host.Output;

/// <summary>Where a command's data goes: stdout, or a file whose ending names the format.</summary>
internal static class OutputFile
{
    /// <summary>Opens the rows' destination.</summary>
    /// <param name="path">The file, or null / `-` for stdout.</param>
    /// <param name="format">`csv` or `jsonl` when given by option; else from the ending, else CSV.</param>
    /// <param name="overwrite">Replace a file that is there.</param>
    /// <param name="columns">Column names.</param>
    /// <param name="orHdf5">The command could have written HDF5, which messages name.</param>
    public static RowWriter Open(string? path, string? format, bool overwrite, IReadOnlyList<string> columns, bool orHdf5 = false)
    {
        bool toStdout = path is null or "-";
        string ending = toStdout ? "" : Path.GetExtension(path!).TrimStart('.').ToLowerInvariant();
        string chosen = format ?? (toStdout ? "csv" : ending);
        if (chosen is not ("csv" or "jsonl"))
        {
            throw new HostException(ExitCodes.Usage, ending.Length == 0
                ? $"{path}: the ending decides the format; name it {(orHdf5 ? ".csv, .jsonl or .h5" : ".csv or .jsonl")}, or give --format"
                : $"{path}: cannot write '.{ending}' here; the endings are {(orHdf5 ? ".csv, .jsonl and .h5" : ".csv and .jsonl")}");
        }

        return new RowWriter(toStdout ? StandardOutput.Open() : Create(path!, overwrite), columns, chosen == "jsonl");
    }

    /// <summary>Whether a file's ending is one of HDF5's.</summary>
    public static bool IsHdf5(string path) => Path.GetExtension(path).ToLowerInvariant() is ".h5" or ".hdf5";

    /// <summary>Creates a file; refuses one that is there unless told to overwrite.</summary>
    public static FileStream Create(string path, bool overwrite)
    {
        try
        {
            return new NamedFile(path, overwrite ? FileMode.Create : FileMode.CreateNew);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            throw new HostException(ExitCodes.Usage, $"{path} exists already; give -f to overwrite it, or another name");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException(ExitCodes.Usage, $"{path} cannot be written: {e.Message}");
        }
    }
}
