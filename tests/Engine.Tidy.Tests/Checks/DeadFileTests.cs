using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

[TestFixture]
internal sealed class DeadFileTests
{
    private static readonly string[] s_folders = ["engine/Engine/"];

    [TestCase("<Compile Remove=\"Old/**\" />")]
    [TestCase("<Compile Remove=\"bin/**;Old.cs\" />")]
    [TestCase("<DefaultItemExcludes>$(DefaultItemExcludes);Old/**</DefaultItemExcludes>")]
    [TestCase("<EnableDefaultCompileItems>false</EnableDefaultCompileItems>")]
    public void Source_left_out_is_caught(string xml) => Assert.That(DeadFileCheck.CheckBuildFile("a.csproj", Project(xml)).Count(), Is.EqualTo(1));

    [TestCase("<Compile Remove=\"bin/**;obj\\**\" />")]
    [TestCase("<Compile Include=\"../Shared.cs\" />")]
    [TestCase("<DefaultItemExcludes>$(DefaultItemExcludes);obj/**;bin/**</DefaultItemExcludes>")]
    public void Outputs_may_be_left_out(string xml) => Assert.That(DeadFileCheck.CheckBuildFile("a.csproj", Project(xml)), Is.Empty);

    [TestCase("engine/Old/X.cs", "class X;\n", 1)]
    [TestCase("engine/Engine/X.cs", "int x;\n#if false\nint y;\n#endif\n", 1)]
    [TestCase("engine/Engine/X.cs", "#if NET10_0_OR_GREATER\nint y;\n#endif\n", 0)]
    public void Source_that_never_compiles_is_caught(string path, string text, int findings) =>
        Assert.That(DeadFileCheck.CheckSource(path, text, s_folders).Count(), Is.EqualTo(findings));

    [Test]
    public void An_undescribed_sample_is_caught() =>
        Assert.That(
            DeadFileCheck.CheckSamples("# Samples\n## day.pcap.gz\nand `small/a.onnx`.", ["day.pcap", "day.pcap.gz", "small/a.onnx", "b.onnx"])
                .Select(f => f.Path),
            Is.EqualTo(["tools/samples/day.pcap", "tools/samples/b.onnx"]));

    [Test]
    public void An_unused_version_is_caught_unless_pinned()
    {
        string versions = Project(
            "<PackageVersion Include=\"Used\" /><PackageVersion Include=\"Idle\" /><!-- Pinned because. --><PackageVersion Include=\"Held\" />");
        Assert.That(
            DeadFileCheck.CheckPackages("a.props", versions, [Project("<PackageReference Include=\"Used\" />")]).Select(f => f.Message),
            Is.EqualTo(["Idle: no project uses it"]));
    }

    [Test]
    public void The_tree_compiles_all_its_source()
    {
        string[] folders = [.. Tree.Projects.Select(f => f.Path[..(f.Path.LastIndexOf('/') + 1)])];
        Tree.AssertTidy(BuildFiles().SelectMany(f => DeadFileCheck.CheckBuildFile(f.Path, f.Text!))
            .Concat(Tree.Sources.SelectMany(f => DeadFileCheck.CheckSource(f.Path, f.Text!, folders))));
    }

    [Test]
    public void The_trees_samples_are_described()
    {
        const string Folder = "tools/samples/";
        string[] samples = [.. Tree.Files.Select(f => f.Path)
            .Where(p => p.StartsWith(Folder, StringComparison.Ordinal) && p != Folder + "README.md")
            .Select(p => p[Folder.Length..])];
        Tree.AssertTidy(DeadFileCheck.CheckSamples(Tree.Text(Folder + "README.md"), samples));
    }

    [Test]
    public void The_trees_package_versions_are_used()
    {
        const string Versions = "Directory.Packages.props";
        Tree.AssertTidy(DeadFileCheck.CheckPackages(Versions, Tree.Text(Versions), BuildFiles().Select(f => f.Text!)));
    }

    private static IEnumerable<TreeFile> BuildFiles() =>
        Tree.Files.Where(f => Path.GetExtension(f.Path) is ".csproj" or ".props" or ".targets");

    private static string Project(string xml) => $"<Project><ItemGroup>{xml}</ItemGroup></Project>";
}
