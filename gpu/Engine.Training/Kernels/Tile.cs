namespace Engine.Training.Kernels;

/// <summary>Sixteen rows of a batch, side by side.</summary>
internal static class Tile
{
    /// <summary>Rows of a tile, on every instruction set.</summary>
    public const int Rows = 16;

    /// <summary>A count rounded up to whole tiles.</summary>
    public static int RoundUp(int count) => (count + Rows - 1) / Rows * Rows;
}
