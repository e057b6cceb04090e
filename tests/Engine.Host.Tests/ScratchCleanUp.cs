using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Removes what the tests wrote, after the last fixture of this namespace.</summary>
[SetUpFixture]
public sealed class ScratchCleanUp
{
    [OneTimeTearDown]
    public void Remove() => Directory.Delete(Repository.Scratch, true);
}
