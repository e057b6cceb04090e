using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;

namespace Engine.Training.Export;

/// <summary>Computes the outputs of golden rows.</summary>
internal static class GoldenAnswers
{
    /// <summary>The rows of a description with the outputs of a predictor, fed in order through the description's normaliser.</summary>
    /// <param name="predictor">What answers; fresh.</param>
    /// <param name="description">Statistics, and rows whose outputs are ignored.</param>
    /// <exception cref="ArtefactException">An output is not finite.</exception>
    public static GoldenVectors Of(Predictor predictor, ArtefactDescription description)
    {
        Normaliser normaliser = description.CreateNormaliser();
        GoldenVectors questions = description.Golden;
        int warmUp = predictor.Sequence is { } sequence ? sequence.Steps - 1 : 0;
        var rows = new float[questions.Count * questions.FeatureCount];
        var outputs = new float[questions.Count];
        var row = new float[questions.FeatureCount];
        for (int i = 0; i < questions.Count; i++)
        {
            questions.Row(i).CopyTo(rows.AsSpan(i * row.Length));
            normaliser.Apply(questions.Row(i), row);
            outputs[i] = predictor.Predict(row);
            if (i >= warmUp && !float.IsFinite(outputs[i]))
            {
                throw new ArtefactException("export", $"the network's output for golden row {i} is not finite: a weight is not, or is far too large");
            }
        }

        return new GoldenVectors(rows, outputs, questions.FeatureCount);
    }
}
