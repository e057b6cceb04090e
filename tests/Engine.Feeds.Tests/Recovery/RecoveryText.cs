using Engine.Core.Events;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Events as a short line, for exact expectations.</summary>
internal static class RecoveryText
{
    /// <summary>Sequences of messages; <c>gapFROM+COUNT</c>; <c>(</c> and <c>)NEXT</c> around a snapshot.</summary>
    public static string Sequences(Feed.Result result) => string.Join(' ', result.Events.Select(e => e.Kind switch
    {
        EventKind.Gap => $"gap{e.Sequence}+{e.Quantity}",
        EventKind.Clear => "clear",
        EventKind.SnapshotBegin => "(",
        EventKind.SnapshotEnd => $"){e.Sequence}",
        _ => $"{e.Sequence}",
    }));

    public static string Range(int first, int last) => string.Join(' ', Enumerable.Range(first, last - first + 1));
}
