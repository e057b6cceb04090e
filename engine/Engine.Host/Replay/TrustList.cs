using Engine.Books;
using Engine.Core.Events;

namespace Engine.Host.Replay;

/// <summary>Whether each instrument's book can be believed.</summary>
internal static class TrustList
{
    /// <summary>The instruments that had a book event, by symbol (an instrument without one by its number), with their trust.</summary>
    public static IReadOnlyList<KeyValuePair<string, BookTrust>> Of(InstrumentTable instruments, OrderBooks books) =>
        [.. Enumerable.Range(0, instruments.Count).Where(books.Has)
            .Select(i => KeyValuePair.Create(instruments.Symbol(i) ?? FormattableString.Invariant($"#{i}"), books.Trust(i)))];

    /// <summary>How many are good, recovering and suspect, and which are suspect, in one line.</summary>
    /// <param name="trust">The list.</param>
    /// <param name="most">Most symbols named.</param>
    public static string Words(IReadOnlyList<KeyValuePair<string, BookTrust>> trust, int most)
    {
        int Count(BookTrust wanted) => trust.Count(t => t.Value == wanted);
        string[] suspects = [.. trust.Where(t => t.Value == BookTrust.Suspect).Select(t => t.Key).Take(most)];
        int others = Count(BookTrust.Suspect) - suspects.Length;
        string named = suspects.Length == 0 ? "" : $": {string.Join(" ", suspects)}{(others > 0 ? FormattableString.Invariant($" and {others:N0} more") : "")}";
        return FormattableString.Invariant($"{Count(BookTrust.Good):N0} good, {Count(BookTrust.Recovering):N0} recovering, {Count(BookTrust.Suspect):N0} suspect{named}");
    }
}
