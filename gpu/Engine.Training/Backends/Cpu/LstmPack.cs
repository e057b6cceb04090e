using Engine.Training.Kernels;

namespace Engine.Training.Backends.Cpu;

/// <summary>Between an LSTM's parameters (W, R, bias, as ONNX has them) and what its kernels read, drawn in <see cref="LstmTape"/>.</summary>
/// <remarks>SAFETY, for all of it: callers pass parameters and memory of the shape.</remarks>
internal static unsafe class LstmPack
{
    /// <summary>Packs weights, and the recurrent ones transposed. What belongs to no unit is left as it is: 0.</summary>
    public static void Pack(in LstmTape shape, float* parameters, float* weights, float* back)
    {
        // SAFETY: as said above.
        int units = shape.Units, inputs = shape.Inputs, padded = shape.Padded;
        float* recurrent = parameters + (LstmTape.Gates * units * inputs);
        float* bias = recurrent + (LstmTape.Gates * units * units);
        for (int row = 0; row < LstmTape.Gates * units; row++)
        {
            int unit = row % units;
            int column = LstmTape.Column(row / units, unit);
            float* to = weights + ((nint)(unit / Tile.Rows) * shape.GroupWeights) + column;
            float* turned = back + ((((nint)(unit / Tile.Rows) * LstmTape.Columns) + column) * padded);
            *to = bias[row];
            to += LstmTape.Columns;
            for (int i = 0; i < units; i++, to += LstmTape.Columns)
            {
                *to = turned[i] = recurrent[(row * units) + i];
            }

            for (int i = 0; i < inputs; i++, to += LstmTape.Columns)
            {
                *to = parameters[(row * inputs) + i];
            }
        }
    }

    /// <summary>Puts a packed gradient where the parameters are.</summary>
    public static void Unpack(in LstmTape shape, float* packed, float* gradient)
    {
        // SAFETY: as said above.
        int units = shape.Units, inputs = shape.Inputs;
        float* recurrent = gradient + (LstmTape.Gates * units * inputs);
        float* bias = recurrent + (LstmTape.Gates * units * units);
        for (int row = 0; row < LstmTape.Gates * units; row++)
        {
            int unit = row % units;
            float* from = packed + ((nint)(unit / Tile.Rows) * shape.GroupWeights) + LstmTape.Column(row / units, unit);
            bias[row] = *from;
            from += LstmTape.Columns;
            for (int i = 0; i < units; i++, from += LstmTape.Columns)
            {
                recurrent[(row * units) + i] = *from;
            }

            for (int i = 0; i < inputs; i++, from += LstmTape.Columns)
            {
                gradient[(row * inputs) + i] = *from;
            }
        }
    }
}
