using Engine.Features;
using Engine.Inference.Artefacts;

namespace Engine.Host.Replay;

/// <summary>What is told of a model once it runs; its file's bytes and graph are let go.</summary>
/// <param name="Path">Where it was read from.</param>
/// <param name="Bytes">How long the file is.</param>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Contract">The features that it reads, and when.</param>
/// <param name="Weights">Trained or seeded.</param>
internal sealed record ModelFile(string Path, long Bytes, string Sha256, FeatureContract Contract, string Weights)
{
    /// <summary>Of a model.</summary>
    public static ModelFile Of(ModelArtefact artefact) =>
        new(artefact.Path, artefact.Bytes.Length, artefact.Sha256, artefact.Contract, artefact.Description.Weights);
}
