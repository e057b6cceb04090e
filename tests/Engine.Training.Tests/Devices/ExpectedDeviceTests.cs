using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Devices;

/// <summary>Whether a test without its device is skipped or fails.</summary>
[NonParallelizable]
public class ExpectedDeviceTests
{
    private const string Variable = "ENGINE_EXPECT_TEST_DEVICE";

    [TearDown]
    public void Unset() => Environment.SetEnvironmentVariable(Variable, null);

    [Test]
    public void What_is_lacking_skips_a_test_unless_it_must_be_here()
    {
        Assert.Throws<IgnoreException>(() => GpuDevices.Lacks(Variable, "no device"));
        Assert.Throws<IgnoreException>(() => GpuDevices.Lacks(null, "no device"));
        Environment.SetEnvironmentVariable(Variable, "1");
        string message = Assert.Throws<AssertionException>(() => GpuDevices.Lacks(Variable, "no device"))!.Message;
        Assert.That(message, Does.Contain("ENGINE_EXPECT_TEST_DEVICE=1, and no device"));
    }
}
