namespace Engine.Inference.Artefacts;

/// <summary>A model file is refused. The message is one line: what, where, and what to do.</summary>
public sealed class ArtefactException : Exception
{
    /// <param name="where">The file, and the part of it.</param>
    /// <param name="what">What is wrong, and what to do.</param>
    public ArtefactException(string where, string what)
        : base($"{where}: {what}".ReplaceLineEndings(" "))
    {
    }
}
