using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.CSharp;

[TestFixture]
internal sealed class DeclarationScannerTests
{
    private const string Sample = """
        using System;
        [assembly: Some("x")]
        namespace A.B;

        /// <summary>Documented.</summary>
        [Attribute(typeof(int), new[] { 1 })]
        public sealed class Outer<T> where T : struct
        {
            private readonly int[] _numbers = new[] { 1, 2 };
            /// <summary>Documented.</summary>
            public int Value { get; init; } = 5;
            public int Bare => _numbers switch { [1, ..] => 1, _ => 0 };
            public Outer(int a) { if (a > 0) { throw new Exception($"{a} {{"); } }
            /// <summary>Documented.</summary>
            // A note between.
            public void Generic<U>() where U : struct { U local = default; }
            internal interface IInner { void Method(); }
            public enum Colour
            {
                Red,
                /// <summary>Documented.</summary>
                Green = 2
            }
        }

        internal record struct Pair(int A, int B);
        """;

    private static readonly IReadOnlyList<Declaration> s_found = DeclarationScanner.Scan(Sample);

    [Test]
    public void Types_are_found_with_their_scope() =>
        Assert.That(
            s_found.Where(d => d.Kind is not DeclarationKind.Member).Select(d => $"{d.Kind} {d.Name} {d.IsPublic} {d.InNamespace}"),
            Is.EqualTo([
                "Namespace A.B True False", "Type Outer True True", "Interface IInner False True", "Enum Colour True True",
                "Type Pair False True",
            ]));

    [Test]
    public void Public_members_without_docs_are_told_from_the_others() =>
        Assert.That(
            s_found.Where(d => d.IsPublic && !d.HasDocs).Select(d => d.Name),
            Is.EqualTo(["public int Bare => _numbers switch", "public Outer(int a)", "Colour", "Red"]));

    [Test]
    public void Members_inside_bodies_are_no_declarations() =>
        Assert.That(s_found.Select(d => d.Name), Has.None.Contain("local").And.None.Contain("throw"));

    [Test]
    public void A_line_is_that_of_the_first_attribute() => Assert.That(s_found.Single(d => d.Name == "Outer").Line, Is.EqualTo(6));

    [Test]
    public void Every_file_of_the_tree_with_a_namespace_has_a_type()
    {
        string[] blind = [.. Tree.Sources
            .Where(f => DeclarationScanner.Scan(f.Text!) is var found
                && found.Any(d => d.Kind == DeclarationKind.Namespace)
                && !found.Any(d => d.Kind is DeclarationKind.Type or DeclarationKind.Interface or DeclarationKind.Enum || d.Name.Contains("delegate ")))
            .Select(f => f.Path)];
        Assert.That(blind, Is.Empty);
        Assert.That(Tree.Sources.Count(), Is.GreaterThan(100));
    }
}
