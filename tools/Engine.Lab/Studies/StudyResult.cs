using Engine.Lab.Truth;
using Engine.Training.Runs;

namespace Engine.Lab.Studies;

/// <summary>What a study came to.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Runs">Name and scores of each run.</param>
internal sealed record StudyResult(StudyOptions Options, IReadOnlyList<(string Name, IReadOnlyList<StudyScore> Scores)> Runs)
{
    /// <summary>All scores.</summary>
    public IEnumerable<StudyScore> Scores => Runs.SelectMany(r => r.Scores);

    /// <summary>Makes a study and scores it.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="error">Standard error.</param>
    /// <exception cref="StudyException">A step ended badly.</exception>
    public static StudyResult Of(StudyOptions options, TextWriter error)
    {
        var study = new Study(options, error);
        IReadOnlyList<RunFolder> runs = study.Make();
        StudyDay test = options.Days[^1];
        BestScores scores = options.Alpha is null
            ? new BestScores(null, new Dictionary<string, MidTape>(), 0)
            : new BestScores(TruthFile.Read(study.TruthOf(test)), MidTape.Read(study.CaptureOf(test), test.Date), options.Horizon.Nanos, options.Kind);
        return new StudyResult(options, [.. runs.Select(run => (Path.GetFileName(run.Path), scores.Of(run)))]);
    }
}
