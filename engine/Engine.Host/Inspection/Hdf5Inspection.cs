using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Hdf5;
using Engine.Host.Commands;
using Engine.Recording.Hdf5;

namespace Engine.Host.Inspection;

/// <summary>What an HDF5 file holds: groups, datasets, attributes; rows of a dataset where they are asked for.</summary>
internal static class Hdf5Inspection
{
    private const int LongestValue = 400;
    private const int MostValues = 16;

    /// <summary>Summary on stdout, or rows where `--format` or `-o` ask for them.</summary>
    public static int Run(string path, string? dataset, ParseResult parse, RowOutputOptions output, bool json)
    {
        using Hdf5File file = Hdf5File.OpenRead(path);
        if (dataset is null && FeatureFileFormat.Of(file) == FeatureFileFormat.Name)
        {
            file.Dispose();
            return FeatureFileInspection.Run(path, parse, output, json);
        }

        if (dataset is not null || output.IsAsked(parse))
        {
            Hdf5RowExport.Run(file, dataset ?? OnlyDataset(file), parse, output);
        }
        else
        {
            Hdf5Tree tree = Hdf5Tree.Of(file);
            Write(file, tree, Console.Out);
            if (json)
            {
                Console.Out.WriteLine(Json(file, tree));
            }
        }

        if (file.IsLeftOpen)
        {
            Console.Error.WriteLine($"engine: note: {path}: its writer was stopped, or still writes");
        }

        return ExitCodes.Ok;
    }

    private static string OnlyDataset(Hdf5File file)
    {
        string[] datasets = [.. Hdf5Tree.Of(file).Nodes.Where(n => n.Kind == Hdf5NodeKind.Dataset).Select(n => n.Path)];
        return datasets.Length == 1
            ? datasets[0]
            : throw new HostException(ExitCodes.Usage, $"{file.Path} has {datasets.Length} datasets; name the one whose rows you want with --dataset, e.g. {(datasets.Length > 0 ? datasets[0] : "/data")}");
    }

    private static void Write(Hdf5File file, Hdf5Tree tree, TextWriter text)
    {
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: HDF5, {new FileInfo(file.Path).Length:N0} bytes, libhdf5 {Hdf5Library.Version}"));
        foreach (Hdf5Node node in tree.Nodes)
        {
            text.WriteLine($"  {node.Path,-24} {Describe(file, node)}");
            if (node.Kind is Hdf5NodeKind.Group or Hdf5NodeKind.Dataset or Hdf5NodeKind.Type)
            {
                WriteAttributes(file, node, text);
            }
        }

        if (tree.IsCut)
        {
            text.WriteLine(FormattableString.Invariant($"  … and more: {Hdf5Tree.MaxNodes:N0} places and {Hdf5Tree.MaxDepth} groups inside each other are listed"));
        }
    }

    private static string Describe(Hdf5File file, Hdf5Node node)
    {
        if (node.Kind != Hdf5NodeKind.Dataset)
        {
            return node.Kind switch
            {
                Hdf5NodeKind.Group => "group",
                Hdf5NodeKind.Type => "type",
                _ => node.Note,
            };
        }

        try
        {
            using Hdf5Dataset dataset = Hdf5Dataset.Open(file, node.Path);
            return Words(dataset);
        }
        catch (Hdf5Exception e)
        {
            return $"cannot be read: {e.Message}";
        }
    }

    private static string Words(Hdf5Dataset dataset)
    {
        string shape = dataset.IsEmpty ? "empty" : dataset.Shape.Count == 0 ? "one value" : $"[{Join(dataset.Shape)}]";
        string most = dataset.MostShape.SequenceEqual(dataset.Shape) ? "" : $" up to [{string.Join(" x ", dataset.MostShape.Select(m => m < 0 ? "…" : m.ToString(CultureInfo.InvariantCulture)))}]";
        string chunk = dataset.Chunk is { } c ? $", chunks [{Join(c)}]" : "";
        string filters = dataset.Filters.Count == 0 ? "" : ", " + string.Join(" ", dataset.Filters.Select(FilterWords));
        return string.Create(CultureInfo.InvariantCulture, $"{dataset.Type}, {shape}{most}{chunk}{filters}, {dataset.StoredBytes:N0} bytes");
    }

    private static string FilterWords(Hdf5Filter filter) => string.Create(
        CultureInfo.InvariantCulture,
        $"{filter.Name}{(filter.Name == "deflate" && filter.Parameters.Count > 0 ? $" {filter.Parameters[0]}" : "")}{(filter.IsAvailable ? "" : $" ({filter.Id}, not in this library)")}");

    private static void WriteAttributes(Hdf5File file, Hdf5Node node, TextWriter text)
    {
        try
        {
            foreach (Hdf5Attribute attribute in Hdf5Attributes.Of(file, node.Path))
            {
                text.WriteLine($"    @{attribute.Name,-22} {Value(attribute)}");
            }
        }
        catch (Hdf5Exception e)
        {
            text.WriteLine($"    its attributes cannot be read: {e.Message}");
        }
    }

    private static string Value(Hdf5Attribute attribute)
    {
        string values = attribute.Unread is { } reason ? $"({reason})" : string.Join(", ", attribute.Values.Take(MostValues)).ReplaceLineEndings("\\n");
        string cut = values.Length > LongestValue ? values[..LongestValue] + "…" : values;
        string shape = attribute.Shape.Count == 0 ? "" : $" [{Join(attribute.Shape)}]";
        return $"{cut}{(attribute.Values.Count > MostValues ? ", …" : "")}  ({attribute.Type}{shape})";
    }

    private static string Join(IEnumerable<long> lengths) => string.Join(" x ", lengths.Select(l => l.ToString(CultureInfo.InvariantCulture)));

    private static string Json(Hdf5File file, Hdf5Tree tree)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", Path.GetFileName(file.Path));
            json.WriteString("kind", "hdf5");
            json.WriteString("library", Hdf5Library.Version);
            json.WriteBoolean("left_open", file.IsLeftOpen);
            json.WriteBoolean("cut", tree.IsCut);
            json.WriteStartArray("groups");
            foreach (Hdf5Node node in tree.Nodes.Where(n => n.Kind == Hdf5NodeKind.Group))
            {
                json.WriteStringValue(node.Path);
            }

            json.WriteEndArray();
            json.WriteStartArray("datasets");
            foreach (Hdf5Node node in tree.Nodes.Where(n => n.Kind == Hdf5NodeKind.Dataset))
            {
                Dataset(json, file, node.Path);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Dataset(Utf8JsonWriter json, Hdf5File file, string path)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        try
        {
            using Hdf5Dataset dataset = Hdf5Dataset.Open(file, path);
            json.WriteString("type", dataset.Type.ToString());
            json.WriteNumber("rows", dataset.Rows);
            Numbers(json, "shape", dataset.Shape);
            Numbers(json, "chunk", dataset.Chunk ?? []);
            json.WriteStartArray("filters");
            foreach (Hdf5Filter filter in dataset.Filters)
            {
                json.WriteStringValue(filter.Name);
            }

            json.WriteEndArray();
            json.WriteNumber("bytes", dataset.StoredBytes);
        }
        catch (Hdf5Exception e)
        {
            json.WriteString("fault", e.Message);
        }

        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
