namespace Engine.Training.Networks;

/// <summary>A named tensor inside the one list of all parameters.</summary>
/// <param name="Name">E.g. `silo0.dense1.weight`.</param>
/// <param name="Offset">Its first number.</param>
/// <param name="Count">How many numbers.</param>
/// <param name="Inputs">What one output sums: the fan-in of the drawn weights; 0 of a bias and of a scale.</param>
/// <param name="Outputs">Outputs: the fan-out.</param>
/// <param name="Decays">Whether weight decay applies: to weights, not to biases and scales.</param>
public sealed record ParameterSlice(string Name, int Offset, int Count, int Inputs, int Outputs, bool Decays);

/// <summary>
/// Where each parameter of a network lies in the one list that every backend, checkpoint and optimiser shares.
/// </summary>
/// <remarks>
/// A dense layer is its weights [inputs × outputs], a row an input, then its bias. Silos come in order, each layer by layer, then the
/// fusion. An LSTM is W [4 × units × inputs], R [4 × units × units] and the bias [4 × units], rows by gate (input, output, forget, cell) and
/// unit; then the scale and the offset of the batch normalisation; then the head. Beside the parameters a network with batch normalisation has
/// statistics: the running mean and variance of each unit.
/// </remarks>
public sealed class ParameterTable
{
    private readonly List<ParameterSlice> _slices = [];

    private ParameterTable()
    {
    }

    /// <summary>All tensors, in order, without gaps.</summary>
    public IReadOnlyList<ParameterSlice> Slices => _slices;

    /// <summary>Numbers in all.</summary>
    public int Count { get; private set; }

    /// <summary>Running statistics: means, then variances.</summary>
    public int StatisticCount { get; private init; }

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ParameterSlice this[string name] =>
        _slices.FirstOrDefault(s => s.Name == name) ?? throw new ArgumentException($"The network has no parameter '{name}'.", nameof(name));

    /// <summary>The table of a network.</summary>
    /// <exception cref="ArgumentException">The network does not fit together.</exception>
    public static ParameterTable Of(NetworkSpec spec)
    {
        spec.Check();
        switch (spec)
        {
            case SiloSpec silo:
                var table = new ParameterTable();
                for (int s = 0; s < silo.Silos.Count; s++)
                {
                    table.AddDense($"silo{s}", silo.Silos[s].Features.Count, silo.Silos[s].Layers);
                }

                table.AddDense("fusion", silo.FusionInputs, silo.Fusion);
                return table;
            case LstmSpec lstm:
                return OfLstm(lstm);
            default:
                throw new ArgumentException($"{spec.GetType().Name} is no network that is trained here.", nameof(spec));
        }
    }

    private static ParameterTable OfLstm(LstmSpec spec)
    {
        var table = new ParameterTable { StatisticCount = spec.HasBatchNorm ? 2 * spec.Units : 0 };
        int rows = 4 * spec.Units;
        table.Add("lstm.input", rows * spec.Features.Count, spec.Features.Count, spec.Units, decays: true);
        table.Add("lstm.recurrent", rows * spec.Units, spec.Units, spec.Units, decays: true);
        table.Add("lstm.bias", rows, 0, rows, decays: false);
        if (spec.HasBatchNorm)
        {
            table.Add("norm.scale", spec.Units, 0, spec.Units, decays: false);
            table.Add("norm.offset", spec.Units, 0, spec.Units, decays: false);
        }

        table.AddDense("head", spec.Units, spec.Head);
        return table;
    }

    private void AddDense(string name, int inputs, IReadOnlyList<DenseSpec> layers)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            Add($"{name}.dense{i}.weight", inputs * layers[i].Outputs, inputs, layers[i].Outputs, decays: true);
            Add($"{name}.dense{i}.bias", layers[i].Outputs, 0, layers[i].Outputs, decays: false);
            inputs = layers[i].Outputs;
        }
    }

    private void Add(string name, int count, int inputs, int outputs, bool decays)
    {
        _slices.Add(new ParameterSlice(name, Count, count, inputs, outputs, decays));
        Count = checked(Count + count);
    }
}
