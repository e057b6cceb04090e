using Engine.Inference;
using Engine.Inference.Sequences;

namespace Engine.Host.Replay;

/// <summary>What models that remember earlier rows counted, in words.</summary>
internal static class SequenceText
{
    /// <summary>The predictors behind one that remember earlier rows, with the number of the member where it is an ensemble.</summary>
    public static IEnumerable<(int? Member, SequencePredictor Sequence)> All(Predictor predictor)
    {
        if (predictor.Members.Count == 0 && predictor.Sequence is { } one)
        {
            yield return (null, one);
        }

        for (int i = 0; i < predictor.Members.Count; i++)
        {
            if (predictor.Members[i].Sequence is { } sequence)
            {
                yield return (i, sequence);
            }
        }
    }

    /// <summary>A line for each.</summary>
    public static IEnumerable<string> Lines(IEnumerable<Predictor> predictors)
    {
        foreach ((int? member, SequencePredictor s) in predictors.SelectMany(All))
        {
            string whose = member is int number ? FormattableString.Invariant($"member {number}: ") : "";
            yield return FormattableString.Invariant(
                $"{whose}{s.Instruments:N0} instruments of at most {s.InstrumentLimit:N0}; {s.WarmingUp:N0} predictions before tick {s.Steps:N0} and {s.WithoutState:N0} without a state are NaN; background late {s.LateBackground:N0} times");
        }
    }
}
