using Engine.Core.Numerics;

namespace Engine.Simulator.Market.Known;

/// <summary>
/// One episode, drawn at its beginning: what happens, and when. Both classes take the same time and lean equally far, and in both a wall
/// stands at the decision with probability ½:
/// <code>
///   s      0      0.05-0.10   0.15-0.45     0.47-0.75    0.78-0.85   0.90-0.97   1.00-1.05    +5-20 ms
///   spoof  wall   (another)                 2 or 3 leans  cancel      trade       decision     price goes to the wall's side
///   honest (wall) (another)  wall is eaten  2 or 3 leans              trade       decision     price goes on leaning
/// </code>
/// The other wall is the one that stands. An honest episode has one of the two at least.
/// </summary>
internal sealed class SpoofEpisode
{
    private const double NanosPerSecond = 1e9;
    private const int LeastLots = 20, LotsRange = 21;
    private readonly List<(long Nanos, SpoofAction Action)> _script = [];
    private int _next;

    /// <summary>Market orders that eat a wall before the last one.</summary>
    public const int Bites = 7;

    /// <param name="startNanos">When it begins.</param>
    /// <param name="random">Draws everything about it.</param>
    public SpoofEpisode(long startNanos, SeededRandom random)
    {
        StartNanos = startNanos;
        IsSpoof = random.Chance(0.5);
        WallIsBid = random.Chance(0.5);
        Stands = random.Chance(0.5);
        WallShares = OrderDraws.RoundLot * (LeastLots + random.Next(LotsRange));
        StandingShares = OrderDraws.RoundLot * (LeastLots + random.Next(LotsRange));
        HasGoingWall = IsSpoof || !Stands || random.Chance(0.5);
        WriteWalls(random);
        WriteTheRest(random);
        _script.Sort((a, b) => (a.Nanos, (int)a.Action).CompareTo((b.Nanos, (int)b.Action)));
    }

    /// <summary>When it began.</summary>
    public long StartNanos { get; }

    /// <summary>Whether its wall is a spoofer's; else an honest one.</summary>
    public bool IsSpoof { get; }

    /// <summary>Side of the walls.</summary>
    public bool WallIsBid { get; }

    /// <summary>Whether a wall stands at the decision.</summary>
    public bool Stands { get; }

    /// <summary>Whether a wall goes before the decision: cancelled by the spoofer, or eaten.</summary>
    public bool HasGoingWall { get; }

    /// <summary>Shares of the wall that goes.</summary>
    public int WallShares { get; }

    /// <summary>Shares of the wall that stands.</summary>
    public int StandingShares { get; }

    /// <summary>Whether the outcome is a rise: a spoofer trades against the side that he pretended to hold.</summary>
    public bool GoesUp => WallIsBid != IsSpoof;

    /// <summary>The next action's time; the last one's once it is done.</summary>
    public long NextNanos => _script[Math.Min(_next, _script.Count - 1)].Nanos;

    /// <summary>When the price has done what it does.</summary>
    public long EndNanos { get; private set; }

    /// <summary>Takes the next action.</summary>
    public SpoofAction Take() => _script[_next++].Action;

    private void WriteWalls(SeededRandom random)
    {
        if (HasGoingWall)
        {
            At(0, SpoofAction.ShowWall);
        }

        double second = Between(random, 0.05, 0.10);
        if (Stands)
        {
            At(second, SpoofAction.ShowStandingWall);
        }

        double finish = Between(random, 0.41, 0.45), cancel = Between(random, 0.78, 0.85);
        if (IsSpoof)
        {
            At(cancel, SpoofAction.CancelWall);
        }
        else if (HasGoingWall)
        {
            At(finish, SpoofAction.FinishWall);
            for (int bite = 0; bite < Bites; bite++)
            {
                At(Between(random, 0.15, 0.40), SpoofAction.EatWall);
            }
        }
    }

    private void WriteTheRest(SeededRandom random)
    {
        for (int leans = 2 + random.Next(2); leans > 0; leans--)
        {
            At(Between(random, 0.47, 0.75), SpoofAction.Lean);
        }

        At(Between(random, 0.90, 0.97), SpoofAction.SmallTrade);
        double decision = Between(random, 1.00, 1.05);
        At(decision, SpoofAction.Decide);
        double end = decision + Between(random, 0.005, 0.020);
        At(end, SpoofAction.Strike);
        if (random.Chance(0.5))
        {
            end += Between(random, 0.02, 0.05);
            At(end, SpoofAction.Follow);
        }

        EndNanos = Nanos(end);
        At(end + Between(random, 0.05, 0.15), SpoofAction.Clear);
    }

    private static double Between(SeededRandom random, double low, double high) => low + ((high - low) * random.NextDouble());

    private long Nanos(double seconds) => StartNanos + (long)(seconds * NanosPerSecond);

    private void At(double seconds, SpoofAction action) => _script.Add((Nanos(seconds), action));
}
