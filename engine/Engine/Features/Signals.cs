namespace Engine.Features;

/// <summary>What makes columns differ: each is a bit, so that a family names those it reads.</summary>
[Flags]
internal enum Signals
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Price or quantity of one of the best bid levels changed.</summary>
    BidLevels = 1 << 0,

    /// <summary>Price or quantity of one of the best ask levels changed.</summary>
    AskLevels = 1 << 1,

    /// <summary>One of the best bid levels came or went, or all were read anew.</summary>
    BidPrices = 1 << 2,

    /// <summary>One of the best ask levels came or went, or all were read anew.</summary>
    AskPrices = 1 << 3,

    /// <summary>The mid-price changed, came or went.</summary>
    Mid = 1 << 4,

    /// <summary>Trades left traded windows while another instrument was at hand.</summary>
    Traded = 1 << 5,

    /// <summary>Index, mark price or funding changed.</summary>
    Reference = 1 << 6,

    /// <summary>Time passed, and the next funding is known.</summary>
    FundingTime = 1 << 7,

    /// <summary>Time passed: true of every row.</summary>
    Time = 1 << 8,
}
