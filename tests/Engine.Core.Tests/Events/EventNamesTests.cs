using System.Text.RegularExpressions;
using Engine.Core.Events;

namespace Engine.Core.Tests.Events;

/// <summary>The spelling that text output and options rely on.</summary>
public class EventNamesTests
{
    private static readonly EventKind[] s_kinds = Enum.GetValues<EventKind>();

    [TestCaseSource(nameof(s_kinds))]
    public void Spells_a_kind_in_lower_case_with_underscores(EventKind kind) =>
        Assert.That(EventNames.Of(kind), Is.EqualTo(Regex.Replace($"{kind}", "(?<=[a-z])([A-Z])", "_$1").ToLowerInvariant()));

    [Test]
    public void Numbers_what_is_no_kind() => Assert.That(EventNames.Of((EventKind)s_kinds.Length), Is.EqualTo($"kind_{s_kinds.Length}"));

    [TestCase(EventKind.Gap, 14)]
    [TestCase(EventKind.IndexPrice, 15)]
    [TestCase(EventKind.MarkPrice, 16)]
    [TestCase(EventKind.Funding, 17)]
    public void Keeps_the_numbers_that_logs_hold(EventKind kind, int number) => Assert.That((int)kind, Is.EqualTo(number));
}
