using Engine.Core.Numerics;

namespace Engine.Training.Training;

/// <summary>Which rows make which batch: a function of seed and epoch, so that a training that goes on takes them in the same order.</summary>
public static class BatchOrder
{
    private const ulong EpochStride = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The rows of an epoch in the order of its batches (Fisher and Yates, from the given order).</summary>
    /// <param name="rows">Rows of the training part.</param>
    /// <param name="seed">The training's.</param>
    /// <param name="epoch">From 0.</param>
    public static int[] Shuffle(ReadOnlySpan<int> rows, ulong seed, int epoch)
    {
        int[] order = rows.ToArray();
        var random = new SeededRandom(unchecked(seed + ((ulong)(epoch + 1) * EpochStride)));
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>Batches of an epoch: as few as the size allows.</summary>
    public static int Count(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;

    /// <summary>The rows of one batch; sizes differ by one at most, and no row is left out.</summary>
    /// <param name="order">Rows in the order of the epoch.</param>
    /// <param name="batches">How many batches.</param>
    /// <param name="batch">Which.</param>
    public static ReadOnlySpan<int> Batch(ReadOnlySpan<int> order, int batches, int batch) =>
        order[Begin(order.Length, batches, batch)..Begin(order.Length, batches, batch + 1)];

    /// <summary>Where a batch begins in the order of the epoch, which is where the one before it ends.</summary>
    /// <param name="rows">Rows of the epoch.</param>
    /// <param name="batches">How many batches.</param>
    /// <param name="batch">Which; that behind the last for the end.</param>
    public static int Begin(int rows, int batches, int batch) => (int)((long)rows * batch / batches);
}
