using Engine.Core.Time;
using Engine.Training.Devices;
using Engine.Training.Losses;

namespace Engine.Training.Backends.Gpu;

/// <content>Steps, predictions and states.</content>
internal abstract unsafe partial class GpuGroup
{
    private const long ShortBurstNanos = 100_000_000;
    private const long LongBurstNanos = 400_000_000;

    /// <inheritdoc/>
    public StepResult[][] Run(IReadOnlyList<MemberSteps> steps)
    {
        CheckSteps(steps);
        List<StepResult>[] results = [.. steps.Select(_ => new List<StepResult>())];
        int longest = steps.Count == 0 ? 0 : steps.Max(s => s.Count);
        for (int begin = 0; begin < longest;)
        {
            int count = Math.Min(BurstSteps, longest - begin);
            long start = MonotonicTimer.NowNanos;
            RunBurst(steps, begin, count, results);
            begin += count;
            FitBurst(count, MonotonicTimer.NowNanos - start);
        }

        return [.. results.Select(r => r.ToArray())];
    }

    /// <inheritdoc/>
    public void Predict(int member, ReadOnlySpan<int> rows, Span<float> predictions)
    {
        LossSpec loss = Members[member].Options.Loss;
        RunOutputs(member, rows, predictions);
        for (int i = 0; i < rows.Length; i++)
        {
            predictions[i] = LossKernel.Prediction(loss, predictions[i]);
        }
    }

    /// <inheritdoc/>
    public double Evaluate(int member, ReadOnlySpan<int> rows)
    {
        (TrainingRows source, StepOptions options) = Members[member];
        SessionChecks.CheckEvaluated(source, options, rows);
        var outputs = new float[rows.Length];
        RunOutputs(member, rows, outputs);
        double sum = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            sum += LossKernel.Of(options.Loss, outputs[i], source.Labels[rows[i]], out _);
        }

        return sum / rows.Length;
    }

    /// <inheritdoc/>
    public TrainingState Save(int member) => new(
        _stepCounts[member], Download(Parameters, member, ParameterStride, Table.Count), Download(_first, member, ParameterStride, Table.Count),
        Download(_second, member, ParameterStride, Table.Count), Download(Statistics, member, Table.StatisticCount, Table.StatisticCount));

    /// <inheritdoc/>
    public void Restore(int member, TrainingState state)
    {
        SessionChecks.CheckState(Table, state);
        long offset = (long)member * ParameterStride * sizeof(float);
        Upload<float>(Parameters, offset, state.Parameters);
        Upload<float>(_first, offset, state.First);
        Upload<float>(_second, offset, state.Second);
        Upload<float>(Statistics, (long)member * Table.StatisticCount * sizeof(float), state.Statistics);
        _stepCounts[member] = state.Step;
    }

    /// <summary>The mean loss over some rows and its gradient by parameter, as a member's next step would have it; no parameter is changed.</summary>
    internal double GradientOf(int member, ReadOnlySpan<int> rows, Span<float> gradient)
    {
        (TrainingRows source, StepOptions options) = Members[member];
        SessionChecks.CheckBatch(Spec, source, options, rows);
        var burst = new GpuBurst(1, Count) { [0, member] = rows.ToArray() };
        Begin(burst, (_, _) => 0);
        EnqueueStep(burst, 0, isApplied: false);
        GpuOutcome outcome = ReadOutcomes(1)[Count + member];
        Download(_gradients, member, ParameterStride, Table.Count).CopyTo(gradient);
        return ((double)outcome.Loss + outcome.LossRest) / rows.Length;
    }

    // Long enough that the wait at its end does not count, short enough that a training can be stopped. No result depends on it.
    private void FitBurst(int steps, long nanos)
    {
        if (nanos > LongBurstNanos)
        {
            BurstSteps = Math.Max(1, BurstSteps / 2);
        }
        else if (steps == BurstSteps && nanos < ShortBurstNanos)
        {
            BurstSteps = Math.Min(_mostSteps, 2 * BurstSteps);
        }
    }

    private void CheckSteps(IReadOnlyList<MemberSteps> steps)
    {
        MemberSteps.Check(steps, Count);
        foreach (MemberSteps entry in steps)
        {
            (TrainingRows source, StepOptions options) = Members[entry.Member];
            for (int s = 0; s < entry.Count; s++)
            {
                SessionChecks.CheckBatch(Spec, source, options, entry.RowsOf(s));
            }
        }
    }

    private static ReadOnlyMemory<int> RowsOf(MemberSteps entry, int step) =>
        entry.Rows[(step == 0 ? 0 : entry.Ends.Span[step - 1])..entry.Ends.Span[step]];

    private void RunBurst(IReadOnlyList<MemberSteps> steps, int begin, int count, List<StepResult>[] results)
    {
        var burst = new GpuBurst(count, Count);
        var rates = new double[count * Count];
        for (int e = 0; e < steps.Count; e++)
        {
            bool rests = results[e].Count > 0 && !results[e][^1].IsFinite;
            for (int s = 0; s < count && begin + s < steps[e].Count && !rests; s++)
            {
                burst[s, steps[e].Member] = RowsOf(steps[e], begin + s);
                rates[(s * Count) + steps[e].Member] = steps[e].Rates.Span[begin + s];
            }
        }

        Begin(burst, (s, m) => rates[(s * Count) + m]);
        for (int s = 0; s < count; s++)
        {
            EnqueueStep(burst, s, isApplied: true);
        }

        ReadOnlySpan<GpuOutcome> outcomes = ReadOutcomes(count);
        for (int e = 0; e < steps.Count; e++)
        {
            int member = steps[e].Member;
            bool isAlive = true;
            for (int s = 0; s < count && isAlive && burst[s, member].Length > 0; s++)
            {
                GpuOutcome outcome = outcomes[((s + 1) * Count) + member];
                isAlive = outcome.IsAlive != 0;
                results[e].Add(new StepResult(((double)outcome.Loss + outcome.LossRest) / burst[s, member].Length, outcome.Norm, isAlive));
                _stepCounts[member] += isAlive ? 1 : 0;
            }
        }
    }

    private void Begin(GpuBurst burst, Func<int, int, double> rate)
    {
        // SAFETY: the control memory has an entry a step and network, then an outcome a network.
        _rows.Begin(burst);
        var entries = (GpuStepEntry*)_control.Pointer;
        for (int s = 0; s < burst.Steps; s++)
        {
            for (int m = 0; m < Count; m++)
            {
                int rows = burst[s, m].Length;
                entries[(s * Count) + m] = rows == 0
                    ? default
                    : GpuStepEntry.Of(Members[m].Options, _stepCounts[m] + s, _rows.First(s, m), rows, rate(s, m));
            }
        }

        long entryBytes = (long)burst.Steps * Count * sizeof(GpuStepEntry);
        var alive = (GpuOutcome*)(_control.Pointer + entryBytes);
        new Span<GpuOutcome>(alive, Count).Fill(new GpuOutcome { IsAlive = 1 });
        Queue.Write(StepTable, 0, _control, 0, entryBytes);
        Queue.Write(Outcomes, 0, _control, entryBytes, (long)Count * sizeof(GpuOutcome));
    }

    private void EnqueueStep(GpuBurst burst, int s, bool isApplied)
    {
        int items = Context.GroupItems;
        var step = new GpuStep(s, _rows.Step(s), burst.LargestOf(s));
        EnqueueGradient(step);
        Queue.Launch(
            _sum, _sumGroups, Count, items, items * sizeof(float), StepTable, Outcomes, s, _ranges, _chunks, Partials, Layout.PartialFloats, _gradients,
            ParameterStride, _norms);
        int updateGroups = isApplied ? Math.Min((Table.Count + items - 1) / items, MaxUpdateGroups) : 1;
        Queue.Launch(
            _update, updateGroups, Count, items, 2 * items * sizeof(float), StepTable, Outcomes, s, isApplied ? 1 : 0, _norms, _sumGroups, Losses,
            Layout.LossTileRows, Layout.LossSlots, _gradients, Parameters, _first, _second, _decays, Table.Count, ParameterStride);
        EnqueueAfterUpdate(step);
        _rows.EndStep(s);
    }

    private ReadOnlySpan<GpuOutcome> ReadOutcomes(int steps)
    {
        Queue.Read(Outcomes, 0, _results, 0, (steps + 1L) * Count * sizeof(GpuOutcome));
        Queue.Finish();

        // SAFETY: the results' memory holds an outcome more than a burst has steps, for each network.
        return new ReadOnlySpan<GpuOutcome>(_results.Pointer, (steps + 1) * Count);
    }

    private void RunOutputs(int member, ReadOnlySpan<int> rows, Span<float> outputs)
    {
        SessionChecks.CheckWindows(Members[member].Rows, Spec, rows);
        for (int begin = 0; begin < rows.Length; begin += PredictedRows)
        {
            int count = Math.Min(PredictedRows, rows.Length - begin);
            _rows.Begin(new GpuBurst(1, Count) { [0, member] = rows.Slice(begin, count).ToArray() });
            EnqueueOutputs(member, _rows.Step(0), count);
            _rows.EndStep(0);
            Queue.Read(Outputs, 0, _results, 0, (long)count * sizeof(float));
            Queue.Finish();
            new ReadOnlySpan<float>(_results.Pointer, count).CopyTo(outputs[begin..]);
        }
    }

    private float[] Download(DeviceBuffer from, int member, int stride, int count)
    {
        var values = new float[count];
        if (count > 0)
        {
            // SAFETY: the results' memory holds the parameters of one network, and statistics are fewer than those.
            Queue.Read(from, (long)member * stride * sizeof(float), _results, 0, (long)count * sizeof(float));
            Queue.Finish();
            new ReadOnlySpan<float>(_results.Pointer, count).CopyTo(values);
        }

        return values;
    }
}
