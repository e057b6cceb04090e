using Engine.Core.Time;
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
internal sealed class GpuSiloGroupTests(DeviceApi api) : GpuFixture(api)
{
    private static readonly SiloSpec s_spec = TestNetworks.Silos(0.4f);

    [Test]
    public void Gpu_members_of_a_group_come_out_as_each_alone()
    {
        using var shared = new NaiveTwin(s_spec, Options(1), 200, 1);
        using var other = new NaiveTwin(s_spec, Options(2), 150, 2);
        GroupMember[] members = [new(shared.Rows, Options(1)), new(other.Rows, Options(2)), new(shared.Rows, Options(3) with { Optimiser = new OptimiserSpec { ClipNorm = 0.01 } })];
        int[] rows = shared.Usable;
        MemberSteps[] steps =
        [
            Steps(2, 0.02, rows[..90], rows[50..60]), Steps(0, 0.01, rows[..1], rows[10..100], rows[5..70], rows[..90]), Steps(1, 0.01, rows[3..40], rows[7..9], rows[..90]),
        ];
        using GpuGroup together = Backend().Group(s_spec, members);
        StepResult[][] results = together.Run(steps);
        Assert.That(results.Select(r => r.Length), Is.EqualTo([2, 4, 3]));
        for (int e = 0; e < steps.Length; e++)
        {
            int member = steps[e].Member;
            using GpuGroup alone = Backend().Group(s_spec, [members[member]]);
            TrainingState before = alone.Save(0);
            Assert.That(alone.Run([steps[e] with { Member = 0 }])[0], Is.EqualTo(results[e]), $"member {member}");
            Assert.That(alone.Save(0).SameBits(together.Save(member)), $"member {member}");
            Assert.That(alone.Save(0).SameBits(before), Is.False);
            (float[] one, float[] another) = (new float[rows.Length], new float[rows.Length]);
            int[] own = member == 1 ? other.Usable : rows;
            together.Predict(member, own, one);
            alone.Predict(0, own, another);
            Assert.That(one, Is.EqualTo(another), $"member {member}");
        }

        Assert.That(results[0][0], Is.Not.EqualTo(results[1][0]));
    }

    [Test]
    public void Gpu_steps_are_those_of_the_cpu([Values] bool isDecoupled)
    {
        StepOptions options = Options(5) with { Optimiser = new OptimiserSpec { WeightDecay = 0.05, IsDecoupled = isDecoupled, ClipNorm = 0.4 } };
        using var twin = new NaiveTwin(s_spec, options, 200, 5);
        using var cpu = new CpuBackend(1);
        using CpuSession session = twin.Session(cpu);
        using GpuGroup group = Group(s_spec, options, twin);
        int[] rows = twin.Usable;
        int[][] batches = [.. Enumerable.Range(0, 70).Select(i => rows[i..(i + 20 + i)])];
        StepResult[] results = group.Run([Steps(0, 0.01, batches)])[0];
        Assert.That(results.Length, Is.EqualTo(batches.Length).And.GreaterThan(group.BurstSteps));
        for (int s = 0; s < results.Length; s++)
        {
            StepResult expected = session.Step(batches[s], 0.01 / (s + 1));
            Assert.That(results[s].IsFinite);
            Assert.That(results[s].Loss, Is.EqualTo(expected.Loss).Within(1e-5 * Math.Max(1, expected.Loss)), $"step {s}");
            Assert.That(results[s].GradientNorm, Is.EqualTo(expected.GradientNorm).Within(1e-4 * Math.Max(1, expected.GradientNorm)), $"step {s}");
        }

        Assert.That((results.Any(r => r.GradientNorm > 0.4), group.Save(0).Step), Is.EqualTo((true, 70L)));
        (float[] one, float[] another) = (new float[rows.Length], new float[rows.Length]);
        group.Predict(0, rows, one);
        session.Predict(rows, another);
        Assert.That(one.Zip(another).Max(p => Math.Abs(p.First - p.Second)), Is.LessThan(1e-4));
        Assert.That(group.Evaluate(0, rows), Is.EqualTo(session.Evaluate(rows)).Within(1e-4));
        Assert.That(one.Distinct().Count(), Is.GreaterThan(rows.Length / 2));
    }

    [Test]
    public void Gpu_rows_that_do_not_fit_give_the_same_bits()
    {
        var streamed = new GpuOptions { MaxResidentBytes = 0 };
        using var shared = new NaiveTwin(s_spec, Options(1), 200, 1);
        using var other = new NaiveTwin(s_spec, Options(2), 150, 2);
        GroupMember[] members = [new(shared.Rows, Options(1)), new(other.Rows, Options(2)), new(shared.Rows, Options(3))];
        int[] rows = shared.Usable;
        MemberSteps[] steps =
        [
            Steps(0, 0.01, rows[..1], rows[10..100], rows[5..70], rows[..90], rows[20..50]), Steps(1, 0.01, rows[3..40], rows[7..9], rows[..90]), Steps(2, 0.02, rows[..90]),
        ];
        using GpuGroup resident = Backend().Group(s_spec, members);
        using GpuGroup stream = Backend(streamed).Group(s_spec, members);
        StepResult[][] expected = resident.Run(steps);
        StepResult[][] got = stream.Run(steps);
        for (int m = 0; m < members.Length; m++)
        {
            Assert.That(got[m], Is.EqualTo(expected[m]), $"member {m}");
            Assert.That(stream.Save(m).SameBits(resident.Save(m)), $"member {m}");
        }

        Assert.That(stream.Evaluate(1, rows.AsSpan(0, 140)), Is.EqualTo(resident.Evaluate(1, rows.AsSpan(0, 140))));
        Assert.That((resident.IsResident, stream.IsResident), Is.EqualTo((true, false)));
    }

    [Test]
    public void Gpu_what_is_not_finite_stops_one_member_only()
    {
        using var rows = TrainingRows.Of([1f, 2f, float.MaxValue, float.MaxValue, 3f], 1, [0f, 1f, 0f, float.NaN, 2f]);
        var member = new GroupMember(rows, new StepOptions { BatchSize = 4 });
        using GpuGroup group = Backend().Group(SiloSpec.Linear(1), [member, member]);
        StepResult[][] results = group.Run([Steps(0, 0.1, [0, 1], [0, 2], [4], [1]), Steps(1, 0.1, [0, 1], [1, 4], [4], [1])]);
        Assert.That(results[0].Select(r => r.IsFinite), Is.EqualTo([true, false]));
        Assert.That(results[1].Select(r => r.IsFinite), Is.EqualTo([true, true, true, true]));
        Assert.That(group.Save(0).Step, Is.EqualTo(1));

        using GpuGroup alone = Backend().Group(SiloSpec.Linear(1), [member]);
        alone.Run([Steps(0, 0.1, [0, 1])]);
        Assert.That(group.Save(0).SameBits(alone.Save(0)));
        alone.Run([Steps(0, 0.05, [1, 4])]);
        Assert.That(group.Save(1).SameBits(alone.Save(0)), Is.False);
        group.Run([Steps(0, 0.05, [1, 4])]);
        Assert.That(group.Save(0).SameBits(alone.Save(0)), "a member that was stopped goes on with the next call");
    }

    [Test]
    public void Gpu_norms_are_known_where_their_squares_are_beyond_float32()
    {
        using var rows = TrainingRows.Of([1e30f, 2e30f], 1, [0f, 1f]);
        var options = new StepOptions { Loss = new LossSpec { Kind = LossKind.Huber }, Optimiser = new OptimiserSpec { ClipNorm = 2 }, BatchSize = 2 };
        using var cpu = new CpuBackend(1);
        using CpuSession session = cpu.CreateSession(SiloSpec.Linear(1), rows, options);
        using GpuGroup group = Backend().Group(SiloSpec.Linear(1), [new GroupMember(rows, options)]);
        StepResult expected = session.Step([0, 1], 0.1);
        StepResult got = group.Run([Steps(0, 0.1, [0, 1])])[0][0];
        Assert.That(got.IsFinite);
        Assert.That(expected.GradientNorm, Is.GreaterThan(1e30));
        Assert.That(got.GradientNorm, Is.EqualTo(expected.GradientNorm).Within(1e-6 * expected.GradientNorm));
        Assert.That(group.Save(0).Parameters.Zip(session.Save().Parameters).Max(p => Math.Abs(p.First - p.Second)), Is.LessThan(1e-6));
    }

    [Test]
    public void Gpu_a_state_goes_on_to_the_same_bits()
    {
        using var twin = new NaiveTwin(s_spec, Options(9), 200, 9);
        using GpuGroup whole = Group(s_spec, Options(9), twin);
        using GpuGroup second = Group(s_spec, Options(9), twin);
        int[] rows = twin.Usable[..64];
        whole.Run([Steps(0, 0.01, rows, rows[..30])]);
        second.Restore(0, whole.Save(0));
        Assert.That(second.Save(0).SameBits(whole.Save(0)));
        whole.Run([Steps(0, 0.02, rows)]);
        Assert.That(second.Save(0).SameBits(whole.Save(0)), Is.False);
        second.Run([Steps(0, 0.02, rows)]);
        Assert.That(second.Save(0).SameBits(whole.Save(0)));
    }

    [Test]
    public void Gpu_trainings_have_the_losses_of_the_cpu()
    {
        // Labels that the features tell, in days of irregular ticks.
        using var twin = new NaiveTwin(s_spec, new StepOptions(), 900, 4);
        float[] labels = [.. Enumerable.Range(0, 900).Select(r => (0.5f * twin.Rows.Features[r * 12]) - (twin.Rows.Features[(r * 12) + 3] * twin.Rows.Features[(r * 12) + 7]))];
        using var rows = TrainingRows.Of(twin.Rows.Features, 12, labels);
        int[] all = [.. Enumerable.Range(0, 900)];
        Trainer[] trainers = [.. new ulong[] { 1, 2 }.Select(seed => new Trainer(
            s_spec, rows, all.AsSpan(0, 700), all.AsSpan(700), new TrainerOptions { Step = Options(seed) with { BatchSize = 64 }, Epochs = 8, Patience = 0, Rate = new LearningRate { Rate = 5e-3 } }, new WallClock()))];
        using var cpu = new CpuBackend(1);
        using ITrainingGroup group = GroupTrainer.CreateGroup(Backend(), trainers);
        TrainingOutcome[] outcomes = GroupTrainer.Run(group, trainers);
        for (int t = 0; t < trainers.Length; t++)
        {
            TrainingOutcome expected = trainers[t].Run(cpu);
            Assert.That(outcomes[t].History.Count, Is.EqualTo(8));
            foreach ((EpochRecord got, EpochRecord want) in outcomes[t].History.Zip(expected.History))
            {
                Assert.That(got.TrainLoss, Is.EqualTo(want.TrainLoss).Within(1e-4 * want.TrainLoss), $"training {t}, epoch {got.Epoch}");
                Assert.That(got.ValidLoss, Is.EqualTo(want.ValidLoss).Within(1e-4 * want.ValidLoss), $"training {t}, epoch {got.Epoch}");
            }

            Assert.That(outcomes[t].History[^1].ValidLoss, Is.LessThan(0.95 * outcomes[t].History[0].ValidLoss));
        }
    }

    [Test]
    public void Gpu_groups_refuse_what_the_cpu_refuses()
    {
        using var rows = TrainingRows.Of([1f, 2f, 3f, 4f], 1, [0f, 1f, 0f, float.NaN]);
        using var member = Backend().Group(SiloSpec.Linear(1), [new GroupMember(rows, new StepOptions { BatchSize = 2 })]);
        TrainingState before = member.Save(0);
        Assert.That(() => member.Run([Steps(0, 0.1, [0, 1], [0, 3])]), Throws.ArgumentException.With.Message.Contains("label of row 3"));
        Assert.That(() => member.Run([Steps(0, 0.1, [4])]), Throws.ArgumentException);
        Assert.That(() => member.Run([Steps(0, 0.1, [0, 1, 2])]), Throws.ArgumentException.With.Message.Contains("3 rows"));
        Assert.That(() => member.Run([Steps(1, 0.1, [0])]), Throws.ArgumentException);
        Assert.That(() => member.Evaluate(0, []), Throws.ArgumentException);
        Assert.That(() => member.Evaluate(0, [3]), Throws.ArgumentException);
        Assert.That(() => member.Predict(0, [-1], new float[1]), Throws.ArgumentException);
        Assert.That(() => member.Restore(0, before with { First = [] }), Throws.ArgumentException);
        Assert.That(() => Backend().Group(SiloSpec.Linear(2), [new GroupMember(rows, new StepOptions())]), Throws.ArgumentException);
        Assert.That(member.Save(0).SameBits(before));
        Assert.That(member.Run([]), Is.Empty);
        Assert.That(member.Run([Steps(0, 0.1)])[0], Is.Empty);
        member.Predict(0, [], []);
    }

    [Test]
    public void Gpu_groups_that_do_not_come_about_leave_nothing()
    {
        using var rows = TrainingRows.Of([1f, 2f], 1, [0f, 1f]);
        var member = new GroupMember(rows, new StepOptions { BatchSize = 2 });
        using GpuGroup before = Backend().Group(SiloSpec.Linear(1), [member]);
        int objects = Device.OpenObjects;

        // Tiles of more memory than any device has.
        using (var large = new GpuBackend(Device, new GpuOptions { TileRows = 1 << 28 }))
        {
            Assert.That(() => large.CreateGroup(SiloSpec.Linear(1), [.. Enumerable.Repeat(member, 64)]), Throws.TypeOf<DeviceException>().With.Message.Contains("bytes"));
        }

        Assert.That(() => Backend().Group(SiloSpec.Linear(2), [member]), Throws.ArgumentException);
        Assert.That(Device.OpenObjects, Is.EqualTo(objects));
        Assert.That(before.Run([Steps(0, 0.1, [0, 1])])[0][0].IsFinite);
        before.Dispose();
        Assert.That(Device.OpenObjects, Is.LessThan(objects));
        Assert.That(() => new GpuBackend(Device, new GpuOptions { GroupSize = 65 }), Throws.ArgumentException);
    }

    private static StepOptions Options(ulong seed) => new()
    {
        Loss = new LossSpec { Kind = LossKind.MeanSquared }, Optimiser = new OptimiserSpec { WeightDecay = 0.01, ClipNorm = 1 }, BatchSize = 90, Seed = seed,
    };
}
