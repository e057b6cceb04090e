namespace Engine.Feeds.Network.Live;

/// <summary>A live feed as it is asked for. Each way that feeds come has settings of its own, which know how to open it.</summary>
public abstract record LiveSettings
{
    /// <summary>Whether the receiving thread gives its core away while nothing comes.</summary>
    public bool Parks { get; init; }

    /// <summary>File that takes everything that comes in; null for none.</summary>
    public string? RecordPath { get; init; }

    /// <summary>Whether that file may be there already.</summary>
    public bool OverwritesRecord { get; init; }

    /// <summary>Whether the feed is to end: asked while it is read, on any thread.</summary>
    public required Func<bool> MustEnd { get; init; }

    /// <summary>Opens the feed.</summary>
    /// <param name="options">How to read it; its venue is named, not found out.</param>
    /// <exception cref="LiveFeedException">It cannot be opened, in one sentence.</exception>
    public abstract MarketDataSource Open(FeedOptions options);
}
