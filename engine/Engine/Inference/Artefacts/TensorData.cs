using System.Buffers.Binary;
using Engine.Inference.Artefacts.Onnx;
using Google.Protobuf;

namespace Engine.Inference.Artefacts;

/// <summary>Elements of ONNX tensors, checked, both ways.</summary>
internal static class TensorData
{
    /// <summary>Most elements of one tensor.</summary>
    public const int MaxElements = 1 << 26;

    /// <summary>Reads a float32 tensor.</summary>
    /// <exception cref="FormatException">Another type, elements elsewhere, or a count that does not fit the dimensions.</exception>
    public static float[] Floats(TensorProto tensor)
    {
        int count = Count(tensor, TensorProto.Types.DataType.Float);
        if (tensor.RawData.Length == 0)
        {
            Fits(tensor, tensor.FloatData.Count, count);
            return [.. tensor.FloatData];
        }

        Fits(tensor, tensor.RawData.Length, (long)count * sizeof(float));
        var values = new float[count];
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        for (int i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(i * sizeof(float))..]);
        }

        return values;
    }

    /// <summary>Reads an int64 or int32 tensor.</summary>
    /// <exception cref="FormatException">As for <see cref="Floats"/>.</exception>
    public static long[] Integers(TensorProto tensor)
    {
        bool wide = tensor.DataType != (int)TensorProto.Types.DataType.Int32;
        int count = Count(tensor, wide ? TensorProto.Types.DataType.Int64 : TensorProto.Types.DataType.Int32);
        if (tensor.RawData.Length == 0)
        {
            Fits(tensor, wide ? tensor.Int64Data.Count : tensor.Int32Data.Count, count);
            return wide ? [.. tensor.Int64Data] : tensor.Int32Data.Select(v => (long)v).ToArray();
        }

        int size = wide ? sizeof(long) : sizeof(int);
        Fits(tensor, tensor.RawData.Length, (long)count * size);
        var values = new long[count];
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> element = raw[(i * size)..];
            values[i] = wide ? BinaryPrimitives.ReadInt64LittleEndian(element) : BinaryPrimitives.ReadInt32LittleEndian(element);
        }

        return values;
    }

    /// <summary>Makes a float32 tensor.</summary>
    public static TensorProto Make(string name, ReadOnlySpan<float> values, params long[] dimensions)
    {
        var raw = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
        }

        return Make(name, TensorProto.Types.DataType.Float, raw, dimensions);
    }

    /// <summary>Makes an int64 tensor of one dimension.</summary>
    public static TensorProto Make(string name, IReadOnlyList<int> values)
    {
        var raw = new byte[values.Count * sizeof(long)];
        for (int i = 0; i < values.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * sizeof(long)), values[i]);
        }

        return Make(name, TensorProto.Types.DataType.Int64, raw, values.Count);
    }

    private static TensorProto Make(string name, TensorProto.Types.DataType type, byte[] raw, params long[] dimensions)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(raw) };
        tensor.Dims.AddRange(dimensions);
        return tensor;
    }

    private static int Count(TensorProto tensor, TensorProto.Types.DataType type)
    {
        if (tensor.DataType != (int)type)
        {
            throw new FormatException($"tensor '{tensor.Name}' has element type {tensor.DataType}, {(int)type} ({type}) is expected");
        }

        if (tensor.DataLocation != TensorProto.Types.DataLocation.Default)
        {
            throw new FormatException($"tensor '{tensor.Name}' keeps its elements in another file; save the model as one file");
        }

        long count = 1;
        foreach (long dimension in tensor.Dims)
        {
            if (dimension is < 0 or > MaxElements || (count *= dimension) > MaxElements)
            {
                throw new FormatException($"tensor '{tensor.Name}' has more than {MaxElements} elements, or a negative dimension");
            }
        }

        return (int)count;
    }

    private static void Fits(TensorProto tensor, long found, long expected)
    {
        if (found != expected)
        {
            throw new FormatException($"the data of tensor '{tensor.Name}' does not fit its dimensions [{string.Join(", ", tensor.Dims)}]: {found} found, {expected} expected");
        }
    }
}
