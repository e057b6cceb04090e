namespace Engine.Inference.Trees;

/// <summary>Walks eight blocks (<see cref="TreeBlocks"/>) from their roots to their exits, side by side and without a branch.</summary>
internal unsafe interface ITreeWalk
{
    /// <summary>Walks eight blocks that follow one another.</summary>
    /// <param name="questions">The first block's questions.</param>
    /// <param name="ranks">A rank for each of the 256 columns that a question can name.</param>
    /// <param name="exits">Takes eight numbers below 64.</param>
    // SAFETY: implementations read eight blocks and 256 ranks, and write eight words.
    static abstract void Walk(byte* questions, byte* ranks, ulong* exits);

    /// <summary>Walks eight blocks anywhere.</summary>
    /// <param name="questions">The first of all blocks' questions.</param>
    /// <param name="blocks">Eight numbers of blocks.</param>
    /// <param name="ranks">A rank for each of the 256 columns that a question can name.</param>
    /// <param name="exits">Takes eight numbers below 64.</param>
    // SAFETY: as for Walk.
    static abstract void WalkThese(byte* questions, int* blocks, byte* ranks, ulong* exits);
}
