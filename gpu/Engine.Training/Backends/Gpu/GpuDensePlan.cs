using Engine.Training.Backends.Cpu;

namespace Engine.Training.Backends.Gpu;

/// <summary>A plan of dense layers as the table of numbers that dense.cl reads.</summary>
/// <remarks>
/// Layers that do not wait for each other are one level. Of a level come its units, one an output, and its backs, one an input whose gradient is
/// wanted: the sum over the outputs' gradients, then back through the activation and dropout of the unit that made the input.
/// </remarks>
internal sealed class GpuDensePlan
{
    private const int HeaderWords = 16;
    private const int LevelCount = 0;
    private const int Units = 2;
    private const int Backs = 3;
    private const int Draws = 4;
    private const int Input = 6;
    private const int FeatureCount = 9;
    private const int Terms = 11;
    private const int Output = 13;
    private const int TermWidth = 4;

    private readonly DensePlan _plan;
    private readonly List<int> _words = [.. new int[HeaderWords]];

    private GpuDensePlan(DensePlan plan)
    {
        _plan = plan;
        Slots = plan.Slots + 1;
        AddLevels();
        AddDraws();
        AddFeatures();
        AddTerms();
        _words[Input] = plan.Input;
        _words[Input + 1] = plan.Steps[0].Inputs;
        _words[Input + 2] = plan.InputFactors;
        _words[Output] = plan.Output;
        _words[Output + 1] = plan.OutputGradient;
        _words[Output + 2] = plan.Slots;
    }

    /// <summary>The table.</summary>
    public IReadOnlyList<int> Words => _words;

    /// <summary>Slots of the arena.</summary>
    public int Slots { get; }

    /// <summary>Parameters of the layers, from the first layer's first weight on, without gaps.</summary>
    public int ParameterCount { get; private set; }

    /// <summary>Floats of an arena.</summary>
    /// <param name="tileRows">Rows of a tile.</param>
    public long ArenaFloats(int tileRows) => (long)Slots * (tileRows + 1);

    /// <summary>The table of a plan.</summary>
    public static GpuDensePlan Of(DensePlan plan) => new(plan);

    private void AddLevels()
    {
        int[] levels = LevelsOf(_plan.Steps);
        int count = levels.Max() + 1;
        var bounds = new List<int>();
        var units = new List<int>();
        var backs = new List<int>();
        for (int level = 0; level < count; level++)
        {
            (int unit, int back) = (units.Count / 8, backs.Count / 8);
            foreach (DenseStep step in _plan.Steps.Where((_, s) => levels[s] == level))
            {
                AddUnits(step, units);
                AddBacks(step, backs);
            }

            bounds.AddRange([unit, units.Count / 8, back, backs.Count / 8]);
        }

        _words[LevelCount] = count;
        _words[LevelCount + 1] = Append(bounds);
        _words[Units] = Append(units);
        _words[Backs] = Append(backs);
    }

    private static void AddUnits(DenseStep step, List<int> units)
    {
        for (int o = 0; o < step.Outputs; o++)
        {
            units.AddRange(
                [step.X, step.Inputs, step.Weights + o, step.Outputs, step.Bias + o, step.Y + o, (int)step.Activation, step.Factors < 0 ? -1 : step.Factors + o]);
        }
    }

    private void AddBacks(DenseStep step, List<int> backs)
    {
        for (int i = step.Skip; i < step.Inputs && step.InputGradient >= 0; i++)
        {
            int target = step.InputGradient + i - step.Skip;
            backs.AddRange([target, step.D, step.Outputs, step.Weights + (i * step.Outputs)]);
            DenseStep? maker = _plan.Steps.Where(s => target >= s.D && target < s.D + s.Outputs).Select(s => (DenseStep?)s).FirstOrDefault();
            if (maker is { } unit)
            {
                float kept = unit.Factors < 0 ? 1 : 1 / new Kernels.DropoutStream(0, 0, 0, unit.Threshold).Scale;
                int o = target - unit.D;
                backs.AddRange([unit.Y + o, (int)unit.Activation, unit.Factors < 0 ? -1 : unit.Factors + o, BitConverter.SingleToInt32Bits(kept)]);
            }
            else
            {
                // An input of the plan: nothing but dropout lies before it.
                backs.AddRange([step.X + i, 0, _plan.InputFactors < 0 ? -1 : _plan.InputFactors + i, BitConverter.SingleToInt32Bits(1)]);
            }
        }
    }

    private void AddDraws()
    {
        var draws = new List<int>();
        if (_plan.InputFactors >= 0)
        {
            AddDraws(draws, 0, _plan.Steps[0].Inputs, _plan.InputFactors, _plan.InputThreshold);
        }

        foreach (DenseStep step in _plan.Steps.Where(s => s.Factors >= 0))
        {
            AddDraws(draws, step.Layer, step.Outputs, step.Factors, step.Threshold);
        }

        _words[Draws] = draws.Count / 5;
        _words[Draws + 1] = Append(draws);
    }

    private static void AddDraws(List<int> draws, uint layer, int units, int slot, uint threshold)
    {
        float scale = new Kernels.DropoutStream(0, 0, 0, threshold).Scale;
        for (int block = 0; block < (units + 7) / 8; block++)
        {
            draws.AddRange([(int)layer, block, slot + (block * 8), (int)threshold, BitConverter.SingleToInt32Bits(scale)]);
        }
    }

    private void AddFeatures()
    {
        _words[FeatureCount] = _plan.Features.Count;
        _words[FeatureCount + 1] = Append([.. _plan.Features.SelectMany(f => new[] { f.Slot, f.Feature })]);
    }

    private void AddTerms()
    {
        var terms = new List<int>();
        foreach (DenseStep step in _plan.Steps)
        {
            for (int i = 0; i <= step.Inputs; i++)
            {
                for (int o = 0; o < step.Outputs; o += TermWidth)
                {
                    int width = Math.Min(TermWidth, step.Outputs - o);
                    terms.AddRange([i < step.Inputs ? step.X + i : -1, step.D + o, ParameterCount, width]);
                    ParameterCount += width;
                }
            }
        }

        _words[Terms] = terms.Count / 4;
        _words[Terms + 1] = Append(terms);
    }

    // A layer comes behind those whose outputs it reads.
    private static int[] LevelsOf(IReadOnlyList<DenseStep> steps)
    {
        var levels = new int[steps.Count];
        for (int s = 0; s < steps.Count; s++)
        {
            for (int before = 0; before < s; before++)
            {
                bool isRead = steps[before].Y < steps[s].X + steps[s].Inputs && steps[before].Y + steps[before].Outputs > steps[s].X;
                levels[s] = isRead ? Math.Max(levels[s], levels[before] + 1) : levels[s];
            }
        }

        return levels;
    }

    private int Append(List<int> part)
    {
        int first = _words.Count;
        _words.AddRange(part);
        return first;
    }
}
