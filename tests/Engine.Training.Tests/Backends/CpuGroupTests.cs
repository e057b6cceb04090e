using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Backends;

/// <summary>What a group promises, on the CPU.</summary>
public class CpuGroupTests
{
    [Test]
    public void A_member_ends_with_the_step_that_is_not_finite_and_others_do_not_notice()
    {
        using var rows = TrainingRows.Of([1f, 2f, float.MaxValue, float.MaxValue], 1, [0f, 1f, 0f, 1f]);
        using var backend = new CpuBackend(1);
        using ITrainingGroup group = backend.CreateGroup(SiloSpec.Linear(1), [new GroupMember(rows, new StepOptions()), new GroupMember(rows, new StepOptions()), new GroupMember(rows, new StepOptions())]);
        using TrainingSession alone = TrainingSession.Create(backend, SiloSpec.Linear(1), rows, new StepOptions());
        TrainingState begin = group.Save(2);
        var bad = new MemberSteps(1, new[] { 0, 1, 0, 2, 1 }, new[] { 2, 4, 5 }, new[] { 0.1, 0.1, 0.1 });
        var good = new MemberSteps(0, new[] { 0, 1, 0, 1 }, new[] { 2, 3, 4 }, new[] { 0.1, 0.2, 0.3 });
        StepResult[][] results = group.Run([bad, good]);
        Assert.That(results.Select(r => r.Length), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(results[0].Select(r => r.IsFinite), Is.EqualTo(new[] { true, false }));
        StepResult first = alone.Step([0, 1], 0.1);
        Assert.That((results[0][0], results[1][0]), Is.EqualTo((first, first)));
        Assert.That(group.Save(1).SameBits(alone.Save()), "as before the step that was not finite");
        Assert.That(results[1][1..], Is.EqualTo(new[] { alone.Step([0], 0.2), alone.Step([1], 0.3) }));
        Assert.That(group.Save(0).SameBits(alone.Save()));
        Assert.That((group.Save(2).SameBits(begin), group.Save(0).SameBits(begin)), Is.EqualTo((true, false)), "who is not asked rests");
        Assert.That(group.Run([new MemberSteps(1, new[] { 1 }, new[] { 1 }, new[] { 0.1 })])[0].Single().IsFinite, "and can go on");
    }

    [Test]
    public void Members_that_are_no_group_and_steps_that_are_none_are_refused()
    {
        using var rows = TrainingRows.Of([1f, 2f], 1, [0f, 1f]);
        using var backend = new CpuBackend(1);
        var member = new GroupMember(rows, new StepOptions());
        SiloSpec network = SiloSpec.Linear(1);
        Assert.That(() => backend.CreateGroup(network, []), Throws.ArgumentException.With.Message.Contains("A group of 0"));
        Assert.That(() => backend.CreateGroup(network, [.. Enumerable.Repeat(member, 65)]), Throws.ArgumentException.With.Message.Contains("1 to 64"));
        Assert.That(() => backend.CreateGroup(network, [member, new GroupMember(rows, new StepOptions { BatchSize = 7 })]), Throws.ArgumentException.With.Message.Contains("do not go together"));
        Assert.That(() => backend.CreateGroup(network, [member, new GroupMember(rows, new StepOptions { Loss = new LossSpec { Kind = LossKind.Huber } })]), Throws.ArgumentException);
        Assert.That(() => backend.CreateGroup(SiloSpec.Linear(2), [member]), Throws.ArgumentException);
        using ITrainingGroup group = backend.CreateGroup(network, [.. Enumerable.Repeat(member, 64)]);
        Assert.That(group.Count, Is.EqualTo(64));
        Assert.That(group.Run([]), Is.Empty);
        foreach ((MemberSteps[] steps, string why) in new (MemberSteps[], string)[]
        {
            ([Steps(64, [0], [1], 1)], "member 64 of 64"),
            ([Steps(-1, [0], [1], 1)], "member -1"),
            ([Steps(3, [0], [1], 1), Steps(3, [0], [1], 1)], "named before"),
            ([Steps(0, [0, 1], [1], 1)], "do not fit"),
            ([Steps(0, [0, 1], [2, 2], 2)], "do not fit"),
            ([Steps(0, [0, 1], [1, 2], 1)], "do not fit"),
            ([Steps(0, [0, 1], [], 0)], "do not fit"),
        })
        {
            Assert.That(() => group.Run(steps), Throws.ArgumentException.With.Message.Contains(why));
        }

        Assert.That(() => new CpuBackend(1, groupSize: 65), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => new CpuBackend(1, burstSteps: 0), Throws.InstanceOf<ArgumentException>());
    }

    private static MemberSteps Steps(int member, int[] rows, int[] ends, int rates) => new(member, rows, ends, new double[rates]);
}
