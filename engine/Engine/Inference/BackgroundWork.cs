namespace Engine.Inference;

/// <summary>
/// What a predictor leaves for afterwards, once it has been moved to a thread of its own: one thread calls
/// <see cref="DoWork"/> over and over while another predicts.
/// </summary>
public abstract class BackgroundWork
{
    /// <summary>Does one short piece, if there is any.</summary>
    /// <returns>Whether there was.</returns>
    public abstract bool DoWork();

    /// <summary>Makes the predicting thread throw where it would wait for this work, because nobody does it any more. Any thread.</summary>
    public abstract void Halt();
}
