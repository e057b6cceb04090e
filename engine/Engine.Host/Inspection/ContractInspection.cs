using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Host.Commands;
using Engine.Host.Output;

namespace Engine.Host.Inspection;

/// <summary>What a feature contract is: a row a family, or a row a column.</summary>
internal static class ContractInspection
{
    private static readonly string[] s_columns = ["index", "name", "family", "window_ns", "unit"];
    private static readonly string[] s_table = ["columns", "count", "family", "levels", "windows", "unit", "formula", "source"];

    /// <summary>Whether a name is that of a contract: one that comes with the engine, or a file's by its ending.</summary>
    public static bool IsContract(string name) => ContractDefinition.Names.Contains(name) || ContractDefinition.IsFile(name);

    /// <summary>The table on stdout, or the columns as rows where `--format` or `-o` ask for them.</summary>
    public static int Run(string name, ParseResult parse, RowOutputOptions output, bool json)
    {
        ContractDescription description = Describe(name);
        if (output.IsAsked(parse))
        {
            using RowWriter rows = output.Open(parse, s_columns);
            WriteRows(rows, description.Contract, output.Limit(parse));
        }
        else
        {
            FeatureContract contract = description.Contract;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: feature contract {contract.Name}, {contract.Count} columns of {description.Families.Count} families"));
            Console.Out.WriteLine($"  hash           {contract.Hash}");
            Console.Out.WriteLine($"  sampling       {contract.Sampling}");
            WriteFamilies(description, Console.Out);
        }

        if (json)
        {
            Console.Out.WriteLine(Json(name, description));
        }

        return ExitCodes.Ok;
    }

    /// <summary>Bytes of memory, and a row a family.</summary>
    public static void WriteFamilies(ContractDescription description, TextWriter text)
    {
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  memory         {description.BytesByInstrument:N0} bytes an instrument"));
        string[][] rows = [s_table, .. description.Families.Select(Cells)];
        int[] widths = [.. s_table.Select((_, c) => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows)
        {
            text.WriteLine($"    {string.Join("  ", row.Select((cell, c) => c == 1 || c == 3 ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]))).TrimEnd()}");
        }
    }

    /// <summary>The families as a list of objects.</summary>
    public static void WriteFamilies(ContractDescription description, Utf8JsonWriter json)
    {
        json.WriteNumber("bytes_by_instrument", description.BytesByInstrument);
        json.WriteStartArray("families");
        foreach (FamilyDescription family in description.Families)
        {
            json.WriteStartObject();
            json.WriteString("family", family.Name);
            json.WriteNumber("first_column", family.FirstColumn);
            json.WriteNumber("columns", family.Columns);
            if (family.Levels is { } levels)
            {
                json.WriteNumber("levels", levels);
            }
            else
            {
                json.WriteNull("levels");
            }

            json.WriteString("windows", family.Windows);
            List("windows_ns", family.WindowNanos, json.WriteNumberValue);
            List("units", family.Units, json.WriteStringValue);
            json.WriteString("formula", family.Formula);
            json.WriteString("source", family.Source);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void List<T>(string name, IEnumerable<T> values, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (T value in values)
            {
                write(value);
            }

            json.WriteEndArray();
        }
    }

    private static ContractDescription Describe(string name)
    {
        try
        {
            return ContractDescription.Of(ContractDefinition.Load(name));
        }
        catch (ContractException e)
        {
            throw new HostException(ExitCodes.Usage, e.Message);
        }
    }

    private static void WriteRows(RowWriter rows, FeatureContract contract, long limit)
    {
        for (int i = 0; i < contract.Count && i < limit; i++)
        {
            FeatureSpec feature = contract.Features[i];
            rows.Integer(i);
            rows.Text(feature.Name);
            rows.Text(feature.Family);
            rows.Integer(feature.WindowNanos);
            rows.Text(feature.Unit);
            rows.EndRow();
        }
    }

    private static string[] Cells(FamilyDescription family)
    {
        int last = family.FirstColumn + family.Columns - 1;
        string windows = string.Join(' ', family.WindowNanos.Select(w => (w / 1e9).ToString(CultureInfo.InvariantCulture)));
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{family.FirstColumn}{(last > family.FirstColumn ? $"–{last}" : "")}"),
            family.Columns.ToString(CultureInfo.InvariantCulture),
            family.Name,
            family.Levels?.ToString(CultureInfo.InvariantCulture) ?? "-",
            family.Windows switch { "exact" => $"{windows} s exactly", "bucketed" => $"{windows} s by 16ths", _ => "-" },
            string.Join(", ", family.Units),
            family.Formula,
            family.Source,
        ];
    }

    private static string Json(string name, ContractDescription description)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", Path.GetFileName(name));
            json.WriteString("kind", "contract");
            json.WriteString("contract", description.Contract.Name);
            json.WriteString("contract_hash", description.Contract.Hash);
            json.WriteString("sampling", description.Contract.Sampling);
            json.WriteNumber("features", description.Contract.Count);
            WriteFamilies(description, json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
