using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;
using Engine.Training.Tests.Backends;
using Engine.Training.Training;

namespace Engine.Training.Tests.Gpu;

[TestFixture(DeviceApi.OpenCl)]
[TestFixture(DeviceApi.Cuda)]
internal sealed class GpuLstmGroupTests(DeviceApi api) : GpuFixture(api)
{
    private const int Rows = 460;
    private static readonly LstmSpec s_network = GpuLstmCase.Network(true);

    [Test]
    public void Gpu_losses_of_a_whole_training_are_the_CPUs([Values] bool isWide)
    {
        ulong seed = Seeds.Take(1).Single();
        StepOptions options = Options(seed);
        using var twin = new NaiveTwin(s_network, options, Rows, seed);
        using var cpu = new CpuBackend(1);
        using GpuGroup group = Group(twin, new GpuOptions { IsWide = isWide }, options);
        using CpuSession session = twin.Session(cpu);
        MemberSteps steps = Epochs(twin.Usable, seed, 8);
        StepResult[] results = group.Run([steps])[0];
        int at = 0;
        for (int s = 0; s < results.Length; s++)
        {
            StepResult expected = session.Step(steps.Rows.Span[at..steps.Ends.Span[s]], steps.Rates.Span[s]);
            at = steps.Ends.Span[s];
            Assert.That(results[s].Loss, Is.EqualTo(expected.Loss).Within(1e-4 * expected.Loss), $"step {s}, seed {seed}");
            Assert.That(results[s].GradientNorm, Is.EqualTo(expected.GradientNorm).Within(1e-3 * expected.GradientNorm), $"step {s}, seed {seed}");
        }

        int[] rows = twin.Usable;
        Assert.That((results.Length, results[^1].Loss < results[0].Loss), Is.EqualTo((steps.Ends.Length, true)), "it learns");
        Assert.That(group.Evaluate(0, rows), Is.EqualTo(session.Evaluate(rows)).Within(1e-4));

        // The same parameters and statistics, so that only the prediction itself is compared.
        session.Restore(group.Save(0));
        var got = new float[rows.Length];
        var wanted = new float[rows.Length];
        group.Predict(0, rows, got);
        session.Predict(rows, wanted);
        Assert.That(got.Zip(wanted).Max(p => Math.Abs(p.First - p.Second)), Is.LessThan(1e-5f));

        // By several launches.
        int[] many = [.. Enumerable.Range(0, 9_000).Select(i => rows[i % rows.Length])];
        var more = new float[many.Length];
        group.Predict(0, many, more);
        Assert.That(Enumerable.Range(0, many.Length).All(i => more[i] == got[i % rows.Length]));
    }

    [Test]
    public void Gpu_running_statistics_are_the_CPUs_and_follow_only_steps_that_count()
    {
        ulong seed = Seeds.Take(1).Single();
        StepOptions options = Options(seed);
        using var twin = new NaiveTwin(s_network, options, Rows, seed);
        using var cpu = new CpuBackend(1);
        using GpuGroup group = Group(twin, null, options);
        using CpuSession session = twin.Session(cpu);
        group.Run([Epochs(twin.Usable, seed, 1)]);
        foreach (int[] batch in Batches(twin.Usable, seed, 0))
        {
            session.Step(batch, 0.01);
        }

        TrainingState state = group.Save(0);
        float[] expected = session.Save().Statistics;
        Assert.That(state.Statistics.Zip(expected).Max(p => Math.Abs(p.First - p.Second)), Is.LessThan(2e-5f), $"seed {seed}");
        var broken = state with { Parameters = [.. state.Parameters.Select((p, i) => i == state.Parameters.Length - 1 ? float.PositiveInfinity : p)] };
        group.Restore(0, broken);
        StepResult[] results = group.Run([Epochs(twin.Usable, seed, 1)])[0];
        Assert.That(results.Select(r => r.IsFinite), Is.EqualTo(new[] { false }));
        Assert.That(group.Save(0).SameBits(broken));
    }

    [Test]
    public void Gpu_networks_side_by_side_are_each_as_alone([Values(null, "wide", "fast", "streamed")] string? mode)
    {
        GpuOptions use = mode switch
        {
            "wide" => new GpuOptions { IsWide = true },
            "fast" => new GpuOptions { IsFast = true, IsFastEmulated = true },
            "streamed" => new GpuOptions { MaxResidentBytes = 0 },
            _ => new GpuOptions(),
        };
        ulong seed = Seeds.Take(1).Single();
        NaiveTwin[] twins = [.. Enumerable.Range(0, 3).Select(m => new NaiveTwin(s_network, Options(seed + (ulong)m), Rows - (50 * m), seed + (ulong)m))];
        GroupMember[] members = [.. twins.Select((t, m) => new GroupMember(t.Rows, Options(seed + (ulong)m)))];
        using GpuGroup group = Backend(use).Group(s_network, members);

        // Of different length, and the second does not live to its second step.
        MemberSteps[] steps = [.. twins.Select((t, m) => Epochs(t.Usable, seed, 3 - m) with { Member = m })];
        double[] rates = steps[1].Rates.ToArray();
        rates[0] = 1e38;
        steps[1] = steps[1] with { Rates = rates };
        StepResult[][] together = group.Run(steps);
        for (int m = 0; m < members.Length; m++)
        {
            using GpuGroup alone = Backend(use).Group(s_network, [members[m]]);
            StepResult[] results = alone.Run([steps[m] with { Member = 0 }])[0];
            Assert.That(together[m], Is.EqualTo(results), $"member {m}, seed {seed}");
            Assert.That(group.Save(m).SameBits(alone.Save(0)), $"member {m}, seed {seed}");
            int[] rows = twins[m].Usable;
            var predictions = new float[rows.Length];
            var expected = new float[rows.Length];
            group.Predict(m, rows, predictions);
            alone.Predict(0, rows, expected);
            Assert.That(predictions, Is.EqualTo(expected).Using<float>((a, b) => BitConverter.SingleToInt32Bits(a).CompareTo(BitConverter.SingleToInt32Bits(b))), $"member {m}");
        }

        Assert.That(together.Select(r => r[^1].IsFinite), Is.EqualTo(new[] { true, false, true }));
        foreach (NaiveTwin twin in twins)
        {
            twin.Dispose();
        }
    }

    [Test]
    public void Gpu_training_goes_on_from_a_state_to_the_same_bits()
    {
        ulong seed = Seeds.Take(1).Single();
        StepOptions options = Options(seed);
        using var twin = new NaiveTwin(s_network, options, Rows, seed);
        using GpuGroup first = Group(twin, null, options);
        using GpuGroup second = Group(twin, null, options);
        using GpuGroup streamed = Group(twin, new GpuOptions { MaxResidentBytes = 0 }, options);
        MemberSteps steps = Epochs(twin.Usable, seed, 2);
        StepResult[] whole = first.Run([steps])[0];
        Assert.That(streamed.Run([steps])[0], Is.EqualTo(whole), "rows of a step at a time");
        int half = whole.Length / 2, end = steps.Ends.Span[half - 1];
        var front = new MemberSteps(0, steps.Rows[..end], steps.Ends[..half], steps.Rates[..half]);
        var back = new MemberSteps(0, steps.Rows[end..], steps.Ends[half..].ToArray().Select(e => e - end).ToArray(), steps.Rates[half..]);
        StepResult[] begun = second.Run([front])[0];
        TrainingState middle = second.Save(0);
        second.Run([back]);
        second.Restore(0, middle);
        Assert.That(begun.Concat(second.Run([back])[0]), Is.EqualTo(whole));
        Assert.That(second.Save(0).SameBits(first.Save(0)));
        Assert.That(streamed.Save(0).SameBits(first.Save(0)));
    }

    [Test]
    public void Gpu_fast_training_comes_to_nearly_the_same_loss()
    {
        ulong seed = Seeds.Take(1).Single();
        StepOptions options = Options(seed);
        using var twin = new NaiveTwin(s_network, options, Rows, seed);
        using GpuGroup exact = Group(twin, null, options);
        using GpuGroup fast = Group(twin, new GpuOptions { IsFast = true, IsFastEmulated = true }, options);
        MemberSteps steps = Epochs(twin.Usable, seed, 8);
        exact.Run([steps]);
        StepResult[] results = fast.Run([steps])[0];
        double expected = exact.Evaluate(0, twin.Usable), got = fast.Evaluate(0, twin.Usable);
        TestContext.Out.WriteLine($"after {results.Length} steps: float32 {expected:R}, tf32 {got:R}, relative {(got - expected) / expected:E2}");
        Assert.That(got, Is.EqualTo(expected).Within(5e-3 * expected));
        Assert.That(got, Is.Not.EqualTo(expected));
    }

    [Test]
    public void Gpu_one_row_trains_without_batch_normalisation_and_is_refused_with_it()
    {
        ulong seed = Seeds.Take(1).Single();
        StepOptions options = Options(seed);
        LstmSpec plain = GpuLstmCase.Network(false);
        using var twin = new NaiveTwin(plain, options, 40, seed);
        using GpuGroup group = Backend().Group(plain, [new GroupMember(twin.Rows, options)]);
        using var cpu = new CpuBackend(1);
        using CpuSession session = twin.Session(cpu);
        group.Restore(0, twin.State);
        var one = new MemberSteps(0, twin.Usable.AsMemory(0, 1), new[] { 1 }, new[] { 0.01 });
        StepResult result = group.Run([one])[0].Single();
        Assert.That(result.Loss, Is.EqualTo(session.Step(twin.Usable.AsSpan(0, 1), 0.01).Loss).Within(1e-5), $"seed {seed}");
        using GpuGroup normed = Backend().Group(s_network, [new GroupMember(twin.Rows, options)]);
        Assert.That(() => normed.Run([one]), Throws.Exception.With.Message.Contains("one row"));
    }

    private static StepOptions Options(ulong seed) =>
        GpuLstmCase.Options(seed, GpuLstmCase.Losses[(int)LossKind.Huber]) with { Optimiser = new OptimiserSpec { WeightDecay = 0.01, ClipNorm = 0.5 } };

    private static IEnumerable<int[]> Batches(int[] rows, ulong seed, int epoch)
    {
        int[] order = BatchOrder.Shuffle(rows, seed, epoch);
        int batches = BatchOrder.Count(order.Length, GpuLstmCase.BatchSize);
        return Enumerable.Range(0, batches).Select(b => BatchOrder.Batch(order, batches, b).ToArray());
    }

    private static MemberSteps Epochs(int[] rows, ulong seed, int epochs)
    {
        int[][] batches = [.. Enumerable.Range(0, epochs).SelectMany(e => Batches(rows, seed, e))];
        int end = 0;
        return new MemberSteps(
            0, batches.SelectMany(b => b).ToArray(), batches.Select(b => end += b.Length).ToArray(), Enumerable.Repeat(0.01, batches.Length).ToArray());
    }

    private GpuGroup Group(NaiveTwin twin, GpuOptions? use, StepOptions options)
    {
        GpuGroup group = Backend(use).Group(s_network, [new GroupMember(twin.Rows, options)]);
        group.Restore(0, twin.State);
        return group;
    }
}
