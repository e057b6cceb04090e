namespace Engine.Training.Import;

/// <summary>A LightGBM model file that cannot be taken over.</summary>
/// <param name="message">What, where, what to do; one line.</param>
public sealed class LightGbmException(string message) : Exception(message);
