using System.Runtime.CompilerServices;
using Engine.Inference.Networks;

namespace Engine.Inference.Kernels;

/// <summary>
/// Runs a packed chain of dense stages: every stage reads what the one before wrote. Sums that run over a layer (a layer
/// normalisation's, a softmax's) are one value after the other on every instruction set; what belongs to one value alone is a lane.
/// </summary>
internal sealed unsafe class DenseRunner<TLanes, TVector> : DenseKernel
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int CacheLine = 16;

    private readonly PackedMemory _memory = new();
    private readonly DenseStep[] _steps;
    private readonly float* _input;
    private readonly float* _output;
    private readonly int _featureCount;

    /// <param name="network">What to run.</param>
    public DenseRunner(DenseNetwork network)
    {
        _featureCount = network.FeatureCount;
        float* values = _input = Room(_featureCount);
        _steps = new DenseStep[network.Stages.Count];
        for (int i = 0; i < _steps.Length; i++)
        {
            _steps[i] = Pack(network.Stages[i], values, network.Widths[i], Room(network.Widths[i + 1]));
            values = _steps[i].Output;
        }

        _output = values;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Run(float* row)
    {
        // SAFETY: row holds _featureCount floats (the caller's promise), and so does the input.
        Unsafe.CopyBlockUnaligned(_input, row, (uint)_featureCount * sizeof(float));
        DenseStep[] steps = _steps;
        for (int i = 0; i < steps.Length; i++)
        {
            ref readonly DenseStep step = ref steps[i];
            if (step.Kind == DenseStepKind.Product)
            {
                DenseByWidth<TLanes, TVector>.OneSilo(in step.Layer, 0);
            }
            else
            {
                DenseSteps<TLanes, TVector>.Run(in step);
            }
        }

        float output = *_output;

        // The memory must not be finalized while pointers into it are in use.
        GC.KeepAlive(this);

        // One pattern for NaN and one for zero.
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    // Whole registers of the widest kernel.
    private float* Room(int count) => _memory.Floats((count + CacheLine - 1) / CacheLine * CacheLine);

    private DenseStep Pack(DenseStage stage, float* input, int width, float* output)
    {
        var step = new DenseStep { Input = input, Output = output, Count = width };
        switch (stage)
        {
            case DenseStage.Product product:
                step.Kind = DenseStepKind.Product;
                step.Layer = PackLayer(product.Layer, input, output);
                break;
            case DenseStage.Activate activate:
                step.Kind = DenseStepKind.Activate;
                step.Activation = activate.Activation;
                break;
            case DenseStage.LeakyRelu leaky:
                step.Kind = DenseStepKind.LeakyRelu;
                step.Number = leaky.Slope;
                break;
            case DenseStage.LayerNorm norm:
                step.Kind = DenseStepKind.LayerNorm;
                step.Number = norm.Epsilon;
                step.Scale = Copy(norm.Scale.Span);
                step.Offset = Copy(norm.Offset.Span);
                break;
            case DenseStage.Softmax:
                step.Kind = DenseStepKind.Softmax;
                break;
            case DenseStage.Pick pick:
                step.Kind = DenseStepKind.Pick;
                step.Count = pick.Indices.Count;
                step.Indices = _memory.Integers([.. pick.Indices]);
                break;
        }

        return step;
    }

    private PackedLayer PackLayer(DenseLayer layer, float* input, float* output)
    {
        // One narrow register if that holds all outputs, else whole registers of the kernel's.
        int lanes = TLanes.Count;
        int stride = lanes > 4 && layer.Outputs <= 4 ? 4 : lanes > 8 && layer.Outputs <= 8 ? 8 : (layer.Outputs + lanes - 1) / lanes * lanes;
        float* weights = _memory.Floats(checked((layer.Inputs + 1) * stride));
        layer.Bias.CopyTo(new Span<float>(weights, stride));
        for (int i = 0; i < layer.Inputs; i++)
        {
            // SAFETY: there are Inputs + 1 rows of `stride` floats, the bias first.
            layer.Weights.Slice(i * layer.Outputs, layer.Outputs).CopyTo(new Span<float>(weights + ((i + 1) * (nint)stride), stride));
        }

        SiloSlot* slot = _memory.Slots(1);
        *slot = new SiloSlot { Weights = weights, Input = input, Output = output };
        return new PackedLayer { Slots = slot, Inputs = layer.Inputs, Stride = stride, Activation = layer.Activation };
    }

    private float* Copy(ReadOnlySpan<float> values)
    {
        float* copy = Room(values.Length);
        values.CopyTo(new Span<float>(copy, values.Length));
        return copy;
    }
}
