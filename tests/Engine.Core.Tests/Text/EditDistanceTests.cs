using Engine.Core.Text;
using Engine.TestKit;

namespace Engine.Core.Tests.Text;

/// <summary>Levenshtein's distance, by known values and beside its plain recursion.</summary>
public class EditDistanceTests
{
    [TestCase("", "", 0)]
    [TestCase("", "abc", 3)]
    [TestCase("abc", "", 3)]
    [TestCase("abc", "abc", 0)]
    [TestCase("port", "prot", 2)]
    [TestCase("kitten", "sitting", 3)]
    [TestCase("lines", "line", 1)]
    [TestCase("A", "a", 1)]
    public void Distances_are_known(string a, string b, int distance) => Assert.That(EditDistance.Of(a, b), Is.EqualTo(distance));

    [Test]
    public void Distances_are_those_of_the_plain_recursion([ValueSource(nameof(FewSeeds))] ulong seed)
    {
        var random = new Random((int)seed);
        for (int i = 0; i < 300; i++)
        {
            (string a, string b) = (Word(random), Word(random));
            Assert.That(EditDistance.Of(a, b), Is.EqualTo(Naive(a, b)), $"{a} and {b}");
            Assert.That(EditDistance.Of(b, a), Is.EqualTo(EditDistance.Of(a, b)), "either way");
        }
    }

    private static IEnumerable<ulong> FewSeeds() => Seeds.Take(2);

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => (char)('a' + random.Next(3))));

    private static int Naive(string a, string b) => a.Length == 0 || b.Length == 0 ? a.Length + b.Length
        : a[0] == b[0] ? Naive(a[1..], b[1..])
        : 1 + Math.Min(Naive(a[1..], b[1..]), Math.Min(Naive(a[1..], b), Naive(a, b[1..])));
}
