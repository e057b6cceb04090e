using Engine.Core.Time;
using Engine.Feeds.Network.Live;

namespace Engine.Feeds.BitMex.Live;

/// <summary>A live BitMEX session as it is asked for: what to connect to, and what is recorded of it.</summary>
public sealed record BitMexLiveSettings : LiveSettings
{
    /// <summary>What to connect to, and every bound.</summary>
    public required BitMexLiveOptions Session { get; init; }

    /// <inheritdoc/>
    /// <remarks>It begins to connect at once. The recording is text.</remarks>
    public override MarketDataSource Open(FeedOptions options)
    {
        try
        {
            return BitMexLiveFeed.Open(Session with { Parks = Parks, MustEnd = MustEnd }, options, new WallClock(), RecordPath, OverwritesRecord ? FileMode.Create : FileMode.CreateNew);
        }
        catch (ArgumentException e)
        {
            throw new LiveFeedException($"the session cannot be: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LiveFeedException($"{RecordPath}: cannot be made: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
