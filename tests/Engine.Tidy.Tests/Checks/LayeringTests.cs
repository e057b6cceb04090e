using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class LayeringTests
{
    private static readonly string[] s_names =
        ["Engine", "Engine.Core", "Engine.Feeds", "Engine.Host", "Engine.Training", "Engine.TestKit", "Engine.Tests", "Engine.Core.Tests"];

    [TestCase("engine/Engine.Core/Engine.Core.csproj", "../Engine/Engine.csproj")]
    [TestCase("feeds/Engine.Feeds/Engine.Feeds.csproj", "../../engine/Engine/Engine.csproj")]
    [TestCase("engine/Engine/Engine.csproj", "../../feeds/Engine.Feeds/Engine.Feeds.csproj")]
    [TestCase("engine/Engine.Host/Engine.Host.csproj", "..\\..\\gpu\\Engine.Training\\Engine.Training.csproj")]
    [TestCase("gpu/Engine.Training/Engine.Training.csproj", "../../tests/Engine.TestKit/Engine.TestKit.csproj")]
    [TestCase("tests/Engine.Tests/Engine.Tests.csproj", "../Engine.Core.Tests/Engine.Core.Tests.csproj")]
    [TestCase("tools/Engine.New/Engine.New.csproj", "../../engine/Engine.Core/Engine.Core.csproj")]
    [TestCase("engine/Engine.csproj", "Engine.Core/Engine.Core.csproj")]
    public void A_reference_against_the_layers_is_caught(string path, string reference) =>
        Assert.That(LayeringCheck.CheckProject(path, Project(reference)).Count(), Is.EqualTo(1));

    [TestCase("engine/Engine/Engine.csproj", "../Engine.Core/Engine.Core.csproj")]
    [TestCase("engine/Engine.Host/Engine.Host.csproj", "../Engine/Engine.csproj")]
    [TestCase("tests/Engine.Tests/Engine.Tests.csproj", "../Engine.TestKit/Engine.TestKit.csproj")]
    [TestCase("tests/Engine.Training.Tests/Engine.Training.Tests.csproj", "../../gpu/Engine.Training/Engine.Training.csproj")]
    public void A_reference_along_the_layers_passes(string path, string reference) =>
        Assert.That(LayeringCheck.CheckProject(path, Project(reference)), Is.Empty);

    [TestCase("engine/Engine.Core/Rings/X.cs", "using Engine.Books;")]
    [TestCase("engine/Engine/Pipeline.cs", "using Engine.Feeds.Itch;")]
    [TestCase("feeds/Engine.Feeds/Itch/X.cs", "object x = new global::Engine.Books.OrderBooks();")]
    [TestCase("feeds/Engine.Feeds/Itch/X.cs", "using static Engine.Features.FeatureSet;")]
    [TestCase("engine/Engine.Host/X.cs", "using T = Engine.Training.Networks.SeededSilo;")]
    [TestCase("engine/Engine.Host/X.cs", "using Engine.TestKit;")]
    [TestCase("engine/Engine/Books/X.cs", "using Engine.Features;")]
    [TestCase("engine/Engine/Inference/X.cs", "using Engine.Recording;")]
    public void A_name_against_the_layers_is_caught(string path, string code) =>
        Assert.That(LayeringCheck.CheckSource(path, "//\n" + code, s_names).Select(f => f.Line), Is.EqualTo([2]));

    [TestCase("engine/Engine.Core/Rings/X.cs", "// Engine.Books uses this.\nusing Engine.Core.Events;")]
    [TestCase("engine/Engine/Pipeline.cs", "using Engine.Books;\nusing Engine.Recording;\nusing Engine.Core.Events;")]
    [TestCase("engine/Engine/Signals/X.cs", "using Engine.Features;\nusing Engine.Inference;")]
    [TestCase("engine/Engine.Host/X.cs", "using Engine.Feeds.Itch;\nusing Engine.Signals;\nstring text = \"Engine.Training\";")]
    [TestCase("tests/Engine.Tests/X.cs", "using Engine.TestKit;\nusing Engine.Tests.Books;")]
    public void A_name_along_the_layers_passes(string path, string code) => Assert.That(LayeringCheck.CheckSource(path, code, s_names), Is.Empty);

    [Test]
    public void A_project_outside_the_solution_is_caught() =>
        Assert.That(
            LayeringCheck.CheckSolution("Project(\"{}\") = \"A\", \"engine\\A\\A.csproj\", \"{}\"", ["engine/A/A.csproj", "engine/B/B.csproj"])
                .Select(f => f.Path),
            Is.EqualTo(["engine/B/B.csproj"]));

    [Test]
    public void The_trees_projects_keep_the_layers() => Tree.AssertTidy(Tree.Projects.SelectMany(f => LayeringCheck.CheckProject(f.Path, f.Text!)));

    [Test]
    public void The_trees_source_keeps_the_layers()
    {
        string[] names = [.. Tree.Projects.Select(f => Path.GetFileNameWithoutExtension(f.Path))];
        Assert.That(names, Does.Contain("Engine.Core").And.Contain("Engine.Host"));
        Tree.AssertTidy(Tree.Sources.SelectMany(f => LayeringCheck.CheckSource(f.Path, f.Text!, names)));
    }

    [Test]
    public void The_solution_holds_every_project() =>
        Tree.AssertTidy(LayeringCheck.CheckSolution(Tree.Text("Engine.sln"), Tree.Projects.Select(f => f.Path)));

    private static string Project(string reference) =>
        $"<Project><ItemGroup><ProjectReference Include=\"{reference}\" /></ItemGroup></Project>";
}
