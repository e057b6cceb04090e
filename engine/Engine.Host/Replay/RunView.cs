using Engine.Books;
using Engine.Feeds;

namespace Engine.Host.Replay;

/// <summary>A run while it goes on, for threads that tell of it. What they read is a moment's view: other threads write it.</summary>
/// <param name="Source">Where events come from.</param>
/// <param name="Books">The books; null where none are kept.</param>
internal sealed record RunView(MarketDataSource Source, OrderBooks? Books);
