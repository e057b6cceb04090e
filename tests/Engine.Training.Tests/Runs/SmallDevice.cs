using Engine.Training.Backends;
using Engine.Training.Devices;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Runs;

/// <summary>The CPU as a device that gives up on large groups.</summary>
/// <param name="inner">What trains; disposed with this.</param>
/// <param name="most">Networks that it trains to the end.</param>
/// <param name="mostBegun">Networks that it begins with.</param>
internal sealed class SmallDevice(ITrainingBackend inner, int most, int mostBegun) : ITrainingBackend
{
    private const int GoodRuns = 4;

    public string Name => inner.Name;

    public int GroupSize => inner.GroupSize;

    public bool IsRounding => inner.IsRounding;

    public ITrainingGroup CreateGroup(NetworkSpec network, IReadOnlyList<GroupMember> members) => members.Count > mostBegun
        ? throw new DeviceException($"{members.Count} networks do not fit")
        : new Group(inner.CreateGroup(network, members), members.Count > most);

    public void Dispose() => inner.Dispose();

    private sealed class Group(ITrainingGroup inner, bool breaks) : ITrainingGroup
    {
        private int _runs;

        public int Count => inner.Count;

        public int BurstSteps => inner.BurstSteps;

        public StepResult[][] Run(IReadOnlyList<MemberSteps> steps) =>
            breaks && _runs++ == GoodRuns ? throw new DeviceException("a command failed") : inner.Run(steps);

        public void Predict(int member, ReadOnlySpan<int> rows, Span<float> predictions) => inner.Predict(member, rows, predictions);

        public double Evaluate(int member, ReadOnlySpan<int> rows) => inner.Evaluate(member, rows);

        public TrainingState Save(int member) => inner.Save(member);

        public void Restore(int member, TrainingState state) => inner.Restore(member, state);

        public void Dispose() => inner.Dispose();
    }
}
