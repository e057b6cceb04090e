using Engine.Training.Networks;

namespace Engine.Training.Backends.Cpu;

/// <summary>Networks that the CPU trains in turn: each has a session of its own, and all cores work on one batch.</summary>
internal sealed class CpuGroup : ITrainingGroup
{
    private readonly CpuSession[] _sessions;

    /// <param name="backend">What trains.</param>
    /// <param name="network">The network.</param>
    /// <param name="members">Who learns it.</param>
    /// <param name="burstSteps">Steps of a burst.</param>
    public CpuGroup(CpuBackend backend, NetworkSpec network, IReadOnlyList<GroupMember> members, int burstSteps)
    {
        GroupMember.Check(members);
        BurstSteps = burstSteps;
        _sessions = new CpuSession[members.Count];
        try
        {
            for (int i = 0; i < members.Count; i++)
            {
                _sessions[i] = backend.CreateSession(network, members[i].Rows, members[i].Options);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Count => _sessions.Length;

    /// <inheritdoc/>
    public int BurstSteps { get; }

    /// <inheritdoc/>
    public StepResult[][] Run(IReadOnlyList<MemberSteps> steps)
    {
        MemberSteps.Check(steps, Count);
        return [.. steps.Select(Run)];
    }

    /// <inheritdoc/>
    public void Predict(int member, ReadOnlySpan<int> rows, Span<float> predictions) => _sessions[member].Predict(rows, predictions);

    /// <inheritdoc/>
    public double Evaluate(int member, ReadOnlySpan<int> rows) => _sessions[member].Evaluate(rows);

    /// <inheritdoc/>
    public TrainingState Save(int member) => _sessions[member].Save();

    /// <inheritdoc/>
    public void Restore(int member, TrainingState state) => _sessions[member].Restore(state);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CpuSession? session in _sessions)
        {
            session?.Dispose();
        }
    }

    private StepResult[] Run(MemberSteps steps)
    {
        var results = new List<StepResult>(steps.Count);
        for (int i = 0; i < steps.Count && (i == 0 || results[^1].IsFinite); i++)
        {
            results.Add(_sessions[steps.Member].Step(steps.RowsOf(i), steps.Rates.Span[i]));
        }

        return [.. results];
    }
}
