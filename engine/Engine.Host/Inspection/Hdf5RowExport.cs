using System.CommandLine;
using System.Globalization;
using Engine.Core.Hdf5;
using Engine.Host.Commands;
using Engine.Host.Output;

namespace Engine.Host.Inspection;

/// <summary>The rows of any dataset of numbers and texts: a column an element, or a member of a compound.</summary>
internal static unsafe class Hdf5RowExport
{
    private const int MaxColumns = 16_384;

    /// <summary>Writes the rows.</summary>
    public static void Run(Hdf5File file, string path, ParseResult parse, RowOutputOptions output)
    {
        using Hdf5Dataset dataset = Hdf5Dataset.Open(file, path);
        using var reader = new Hdf5RowReader(dataset);
        List<Column> columns = Columns(dataset, reader);
        long limit = Math.Min(output.Limit(parse), dataset.Rows);
        using RowWriter rows = output.Open(parse, [.. columns.Select(c => c.Name)]);
        using var stop = new StopSignal();
        for (long start = 0; start < limit && !stop.IsSet; start += reader.RowsPerBatch)
        {
            int count = (int)Math.Min(reader.RowsPerBatch, limit - start);
            reader.Read(start, count);
            for (int i = 0; i < count; i++)
            {
                WriteRow(rows, columns, reader.Rows + ((long)i * reader.RowBytes));
            }
        }
    }

    private static void WriteRow(RowWriter rows, List<Column> columns, byte* row)
    {
        foreach (Column column in columns)
        {
            // SAFETY: a column's offset and size lie inside the row, whose bytes are in the reader's buffer.
            byte* value = row + column.Offset;
            Hdf5Type type = column.Type.Class == Hdf5Class.Enumeration ? column.Type.Item! : column.Type;
            switch (type.Class)
            {
                case Hdf5Class.Integer or Hdf5Class.Bits when type.IsSigned || type.Size < sizeof(long):
                    rows.Integer(Hdf5Values.Integer(type, value));
                    break;
                case Hdf5Class.Integer or Hdf5Class.Bits:
                    rows.Integer((ulong)Hdf5Values.Integer(type, value));
                    break;
                case Hdf5Class.Float when type.Size == sizeof(float):
                    rows.Float(*(float*)value);
                    break;
                case Hdf5Class.Float:
                    rows.Float(*(double*)value);
                    break;
                default:
                    rows.Text(Hdf5Values.Text(type, value));
                    break;
            }
        }

        rows.EndRow();
    }

    private static List<Column> Columns(Hdf5Dataset dataset, Hdf5RowReader reader)
    {
        string name = dataset.Name[(dataset.Name.LastIndexOf('/') + 1)..];
        var columns = new List<Column>();
        for (int i = 0; i < reader.ItemsPerRow; i++)
        {
            string index = dataset.Shape.Count < 2 ? "" : $"[{Index(i, [.. dataset.Shape.Skip(1)])}]";
            Add(columns, reader.Type.Class == Hdf5Class.Compound ? index : name + index, reader.Type, i * reader.Type.Size);
        }

        return columns.Count <= MaxColumns
            ? columns
            : throw new HostException(ExitCodes.Usage, FormattableString.Invariant($"{dataset.File}: dataset {dataset.Name} has rows of {columns.Count:N0} columns; at most {MaxColumns:N0} are exported"));
    }

    private static void Add(List<Column> columns, string name, Hdf5Type type, int offset)
    {
        if (columns.Count > MaxColumns)
        {
            return;
        }

        switch (type.Class)
        {
            case Hdf5Class.Compound:
                foreach (Hdf5Member member in type.Members)
                {
                    Add(columns, name.Length == 0 ? member.Name : $"{name}.{member.Name}", member.Type, offset + member.Offset);
                }

                break;
            case Hdf5Class.Array:
                for (int i = 0; i < type.Size / type.Item!.Size && columns.Count <= MaxColumns; i++)
                {
                    Add(columns, $"{name}[{Index(i, type.Dimensions)}]", type.Item, offset + (i * type.Item.Size));
                }

                break;
            default:
                columns.Add(new Column(name, type, offset));
                break;
        }
    }

    /// <summary>The place of an element in row-major order, e.g. `1,2`.</summary>
    private static string Index(long element, IReadOnlyList<long> dimensions)
    {
        var places = new string[dimensions.Count];
        for (int i = dimensions.Count - 1; i >= 0; i--)
        {
            places[i] = (element % dimensions[i]).ToString(CultureInfo.InvariantCulture);
            element /= dimensions[i];
        }

        return string.Join(',', places);
    }

    private readonly record struct Column(string Name, Hdf5Type Type, int Offset);
}
