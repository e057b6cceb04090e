using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>The prediction stages of all lanes as one.</summary>
internal static class StageExtensions
{
    /// <summary>Does one short piece of each lane's background work.</summary>
    /// <returns>Whether anything is left.</returns>
    public static bool Background(this Pipeline<PredictionStage<RingSink>> pipeline)
    {
        bool isMore = false;
        for (int i = 0; i < pipeline.Lanes; i++)
        {
            isMore |= pipeline.RowsOf(i).Background();
        }

        return isMore;
    }

    /// <summary>Does all of the lanes' background work.</summary>
    public static void CompleteBackground(this Pipeline<PredictionStage<RingSink>> pipeline)
    {
        for (int i = 0; i < pipeline.Lanes; i++)
        {
            pipeline.RowsOf(i).CompleteBackground();
        }
    }

    /// <summary>Adds up a count of the lanes.</summary>
    public static long Sum(this Pipeline<PredictionStage<RingSink>> pipeline, Func<PredictionStage<RingSink>, long> count)
    {
        long sum = 0;
        for (int i = 0; i < pipeline.Lanes; i++)
        {
            sum += count(pipeline.RowsOf(i));
        }

        return sum;
    }
}
