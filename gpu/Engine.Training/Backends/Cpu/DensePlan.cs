using Engine.Inference.Networks;
using Engine.Training.Kernels;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Cpu;

/// <summary>One dense layer and the slots of a tile that it works on.</summary>
/// <param name="Inputs">Inputs.</param>
/// <param name="Outputs">Outputs.</param>
/// <param name="Activation">Of the outputs.</param>
/// <param name="X">Slot of the first input.</param>
/// <param name="Y">Slot of the first output.</param>
/// <param name="D">Slot of the first output's gradient.</param>
/// <param name="InputGradient">Slot where gradients of the inputs go; negative for none.</param>
/// <param name="Skip">First inputs whose gradients nobody needs.</param>
/// <param name="Weights">Where its weights begin; the bias follows them.</param>
/// <param name="Layer">Its number, for dropout.</param>
/// <param name="Threshold">Of dropout; 0 for none.</param>
/// <param name="Factors">Slot of dropout's factors; negative for none.</param>
internal readonly record struct DenseStep(
    int Inputs, int Outputs, Activation Activation, int X, int Y, int D, int InputGradient, int Skip, int Weights, uint Layer, uint Threshold, int Factors)
{
    /// <summary>Where the bias begins.</summary>
    public int Bias => Weights + (Inputs * Outputs);
}

/// <summary>
/// Dense layers in the order in which they run, and the slots of a tile: every number that one row has in a training step, from its
/// features to the gradients. Layers are numbered from 1 in the order of their parameters; number 0 is dropout of the inputs.
/// </summary>
internal sealed class DensePlan
{
    private readonly List<DenseStep> _steps = [];
    private readonly List<(int Slot, int Feature)> _features = [];
    private int _slots;
    private int _parameter;

    private DensePlan(int firstParameter) => _parameter = firstParameter;

    /// <summary>The layers.</summary>
    public IReadOnlyList<DenseStep> Steps => _steps;

    /// <summary>Which slot takes which feature of the row.</summary>
    public IReadOnlyList<(int Slot, int Feature)> Features => _features;

    /// <summary>Slot of the first input, where inputs are not features.</summary>
    public int Input { get; private set; } = -1;

    /// <summary>Slot of the first input's gradient, where inputs are not features.</summary>
    public int InputGradient { get; private set; } = -1;

    /// <summary>Slot of dropout's factors of the inputs; negative for none.</summary>
    public int InputFactors { get; private set; } = -1;

    /// <summary>Dropout's threshold of the inputs.</summary>
    public uint InputThreshold { get; private set; }

    /// <summary>Slot of the output.</summary>
    public int Output => _steps[^1].Y;

    /// <summary>Slot of the output's gradient.</summary>
    public int OutputGradient => _steps[^1].D;

    /// <summary>Slots of a tile.</summary>
    public int Slots => _slots;

    /// <summary>Floats from tile to tile: all slots, and an odd number of cache lines, so that tiles do not compete for the same sets.</summary>
    public int TileStride => (_slots | 1) * Tile.Rows;

    /// <summary>The plan of a network that reads a row.</summary>
    public static DensePlan Of(SiloSpec spec)
    {
        var plan = new DensePlan(0);
        int direct = spec.Direct.Count;
        int width = spec.FusionInputs;
        int fused = plan.Take(width);
        int fusedGradient = plan.Take(width - direct);
        for (int i = 0; i < direct; i++)
        {
            plan._features.Add((fused + i, spec.Direct[i]));
        }

        int embedding = direct;
        foreach (SiloBranch silo in spec.Silos)
        {
            int x = plan.Take(silo.Features.Count);
            for (int i = 0; i < silo.Features.Count; i++)
            {
                plan._features.Add((x + i, silo.Features[i]));
            }

            plan.Add(silo.Features.Count, silo.Layers, x, -1, 0, fused + embedding, fusedGradient + embedding - direct);
            embedding += silo.Layers[^1].Outputs;
        }

        plan.Add(width, spec.Fusion, fused, width > direct ? fusedGradient : -1, direct, -1, -1);
        return plan;
    }

    /// <summary>The plan of the layers behind an LSTM.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="firstParameter">Where the head's parameters begin.</param>
    public static DensePlan OfHead(LstmSpec spec, int firstParameter)
    {
        var plan = new DensePlan(firstParameter);
        plan.Input = plan.Take(spec.Units);
        plan.InputGradient = plan.Take(spec.Units);
        plan.InputThreshold = DropoutStream.ThresholdOf(spec.Dropout);
        if (plan.InputThreshold > 0)
        {
            plan.InputFactors = plan.TakeFactors(spec.Units);
        }

        plan.Add(spec.Units, spec.Head, plan.Input, plan.InputGradient, 0, -1, -1);
        return plan;
    }

    private void Add(int inputs, IReadOnlyList<DenseSpec> layers, int x, int inputGradient, int skip, int lastY, int lastD)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            DenseSpec layer = layers[i];
            bool isLast = i == layers.Count - 1;
            int y = isLast && lastY >= 0 ? lastY : Take(layer.Outputs);
            int d = isLast && lastD >= 0 ? lastD : Take(layer.Outputs);
            uint threshold = DropoutStream.ThresholdOf(layer.Dropout);
            int factors = threshold == 0 ? -1 : TakeFactors(layer.Outputs);
            _steps.Add(new DenseStep(
                inputs, layer.Outputs, layer.Activation, x, y, d, inputGradient, skip, _parameter, (uint)_steps.Count + 1, threshold, factors));
            _parameter += (inputs + 1) * layer.Outputs;
            (inputs, x, inputGradient, skip) = (layer.Outputs, y, d, 0);
        }
    }

    private int Take(int count)
    {
        int first = _slots;
        _slots += count;
        return first;
    }

    // Random numbers come in eights.
    private int TakeFactors(int count) => Take((count + 7) / 8 * 8);
}
