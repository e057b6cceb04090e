using Engine.Training.Devices;
using Engine.Training.Devices.OpenCl;

namespace Engine.Training.Tests.Devices;

public class DeviceLibraryTests
{
    private const string Variable = "ENGINE_TEST_DEVICE_LIBRARY";

    [TearDown]
    public void Unset() => Environment.SetEnvironmentVariable(Variable, null);

    [Test]
    public void A_library_that_is_nowhere_is_named_with_the_next_step()
    {
        var library = new DeviceLibrary("The loader", Variable, ["libnowhere.so.2", "libnowhere.so.1"], "apt-get install nowhere");
        string message = Assert.Throws<DeviceException>(() => library.Load())!.Message;
        Assert.That(message, Is.EqualTo(
            $"The loader was not found (looked for libnowhere.so.2, libnowhere.so.1). Next: apt-get install nowhere, or set {Variable}=/path/to/libnowhere.so.2."));
        Assert.Throws<DeviceException>(() => library.TryFunction("clGetPlatformIDs"));
    }

    [Test]
    public void A_variable_that_names_nothing_is_named_with_its_value()
    {
        Environment.SetEnvironmentVariable(Variable, "/nowhere/lib.so");
        var library = new DeviceLibrary("The C library", Variable, ["libc.so.6"], "nothing");
        Assert.That(Assert.Throws<DeviceException>(() => library.Load())!.Message, Does.Contain($"{Variable}=/nowhere/lib.so cannot be loaded"));
        Environment.SetEnvironmentVariable(Variable, "");
        Assert.That(library.Load(), Is.Not.EqualTo((nint)0));
        Assert.That(library.Path, Is.EqualTo("libc.so.6"));
    }

    [Test]
    public void A_library_without_a_function_is_too_old()
    {
        var library = new DeviceLibrary("The C library", Variable, ["libc.so.6"], "install a later one");
        Assert.That(library.Function("strlen"), Is.Not.EqualTo((nint)0));
        Assert.That(library.TryFunction("no_such_function"), Is.EqualTo((nint)0));
        Assert.That(
            Assert.Throws<DeviceException>(() => library.Function("no_such_function"))!.Message,
            Does.Contain("(libc.so.6) has no function no_such_function").And.Contain("Next: install a later one."));
    }

    [Test]
    public void A_platform_that_fails_hides_no_other()
    {
        (List<string> found, List<string> failures) = OpenClDevices.OfAll<string>(
            3, p => p == 1 ? throw new DeviceException("listing the devices of Broken: CL_OUT_OF_HOST_MEMORY") : [$"{p}.0", $"{p}.1"]);
        Assert.That(found, Is.EqualTo((string[])["0.0", "0.1", "2.0", "2.1"]));
        Assert.That(failures, Is.EqualTo((string[])["OpenCL's platform 1 is left out: listing the devices of Broken: CL_OUT_OF_HOST_MEMORY"]));
    }

    [Test]
    public void A_survey_lists_devices_or_says_what_is_missing()
    {
        foreach (DeviceSurvey survey in (DeviceSurvey[])[DeviceList.OpenCl(), DeviceList.Cuda()])
        {
            Assert.That(survey.Devices.Count > 0 || survey.Missing.Contains("Next:", StringComparison.Ordinal), $"{survey.Api}: {survey.Missing}");
            Assert.That(survey.Devices.Select(d => d.Index), Is.EqualTo(Enumerable.Range(0, survey.Devices.Count)));
            foreach (DeviceInfo device in survey.Devices)
            {
                Assert.That(device.Name, Is.Not.Empty);
                Assert.That(device.GlobalBytes, Is.GreaterThan(1L << 24));
                Assert.That(device.LocalBytes, Is.GreaterThanOrEqualTo(16 * 1_024));
                Assert.That(device.MaxGroupSize, Is.GreaterThanOrEqualTo(32));
                Assert.That(device.ComputeUnits, Is.Positive);
            }
        }
    }
}
