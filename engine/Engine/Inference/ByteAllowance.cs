using System.Globalization;
using Engine.Inference.Artefacts;

namespace Engine.Inference;

/// <summary>Bytes that a model may still keep of instruments; a model that wants more is refused by name.</summary>
/// <param name="bytes">How many.</param>
internal sealed class ByteAllowance(long bytes)
{
    private long _left = bytes;

    /// <summary>Takes what a predictor, of a model or a member, keeps; a predictor that keeps more than is left is disposed.</summary>
    /// <returns>The predictor.</returns>
    /// <exception cref="ArtefactException">It keeps more.</exception>
    public Predictor Take(ModelArtefact artefact, Predictor predictor)
    {
        long kept = predictor.KeptBytes;
        if (kept > _left)
        {
            predictor.Dispose();
            throw new ArtefactException(artefact.Path, string.Create(CultureInfo.InvariantCulture,
                $"it would keep {kept} bytes of its instruments, and of what all models of a run may keep {_left} are left; run fewer models at once, or smaller ones"));
        }

        _left -= kept;
        return predictor;
    }
}
