namespace Engine.Simulator.Market.Known;

/// <summary>What an episode does at one moment.</summary>
internal enum SpoofAction
{
    /// <summary>The wall that will go is shown at the touch.</summary>
    ShowWall,

    /// <summary>A wall that stays is shown behind it.</summary>
    ShowStandingWall,

    /// <summary>A market order eats into the wall.</summary>
    EatWall,

    /// <summary>A market order takes what is left of the wall.</summary>
    FinishWall,

    /// <summary>The others react: a small trade, and the price goes a tick away from the wall's side.</summary>
    Lean,

    /// <summary>The wall is cancelled.</summary>
    CancelWall,

    /// <summary>A small trade.</summary>
    SmallTrade,

    /// <summary>The last message before the outcome.</summary>
    Decide,

    /// <summary>A market order takes the touch, and the price goes on.</summary>
    Strike,

    /// <summary>A further tick.</summary>
    Follow,

    /// <summary>A wall that stood is withdrawn; the episode is over.</summary>
    Clear,
}
