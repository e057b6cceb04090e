using Engine.Training.Backends;
using Engine.Training.Devices;

namespace Engine.Training.Tests.Backends;

/// <summary>Which device is taken of those that there are.</summary>
public class BackendChoiceTests
{
    private static readonly DeviceInfo s_old = Of(DeviceApi.Cuda, 0, "old");
    private static readonly DeviceInfo s_large = Of(DeviceApi.Cuda, 1, "large") with { HasTf32 = true };
    private static readonly DeviceInfo s_processor = Of(DeviceApi.OpenCl, 0, "processor") with { IsCpu = true };
    private static readonly DeviceInfo s_card = Of(DeviceApi.OpenCl, 1, "card");

    private static IEnumerable<TestCaseData> Chosen()
    {
        DeviceInfo[] none = [], cudas = [s_old, s_large], both = [s_processor, s_card], processor = [s_processor];
        yield return new TestCaseData(new BackendChoice(BackendKind.Cpu), cudas, both, null);
        yield return new TestCaseData(new BackendChoice(BackendKind.Auto), cudas, both, s_old);
        yield return new TestCaseData(new BackendChoice(BackendKind.Auto), none, both, s_card);
        yield return new TestCaseData(new BackendChoice(BackendKind.Auto), none, processor, null);
        yield return new TestCaseData(new BackendChoice(BackendKind.Auto), none, none, null);
        yield return new TestCaseData(new BackendChoice(BackendKind.Cuda), cudas, none, s_old);
        yield return new TestCaseData(new BackendChoice(BackendKind.Cuda, 1, IsFast: true), cudas, none, s_large);
        yield return new TestCaseData(new BackendChoice(BackendKind.OpenCl), cudas, both, s_card);
        yield return new TestCaseData(new BackendChoice(BackendKind.OpenCl, 0), cudas, both, s_processor);
        yield return new TestCaseData(new BackendChoice(BackendKind.OpenCl), none, processor, s_processor);
    }

    [TestCaseSource(nameof(Chosen))]
    public void A_device_is_chosen_by_kind_and_number(BackendChoice choice, DeviceInfo[] cuda, DeviceInfo[] openCl, DeviceInfo? expected) =>
        Assert.That(choice.Find(api => Survey(api, api == DeviceApi.Cuda ? cuda : openCl)), Is.EqualTo(expected));

    [Test]
    public void What_cannot_be_had_is_named_with_the_next_step()
    {
        DeviceSurvey Some(DeviceApi api) => Survey(api, api == DeviceApi.Cuda ? [s_old] : [s_processor]);
        DeviceSurvey Dumb(DeviceApi api) => Survey(api, [s_old]) with { Missing = "NVRTC is missing. Next: get it." };
        DeviceSurvey None(DeviceApi api) => Survey(api, []);
        Assert.Multiple(() =>
        {
            Assert.That(() => new BackendChoice(BackendKind.Cuda).Find(None), Throws.TypeOf<DeviceException>().With.Message.EqualTo("no cuda device: Cuda is missing. Next: get it."));
            Assert.That(() => new BackendChoice(BackendKind.OpenCl).Find(None), Throws.TypeOf<DeviceException>().With.Message.EqualTo("no opencl device: OpenCl is missing. Next: get it."));
            Assert.That(() => new BackendChoice(BackendKind.Auto).Find(Dumb), Throws.TypeOf<DeviceException>().With.Message.EqualTo("no cuda device that compiles: NVRTC is missing. Next: get it."), "not the CPU without a word");
            Assert.That(() => new BackendChoice(BackendKind.Cuda).Find(Dumb), Throws.TypeOf<DeviceException>());
            Assert.That(() => new BackendChoice(BackendKind.Cuda, 1).Find(Some), Throws.TypeOf<DeviceException>().With.Message.EqualTo("cuda has no device 1; it has 0 (old)"));
            Assert.That(() => new BackendChoice(BackendKind.Cuda, -1).Find(Some), Throws.TypeOf<DeviceException>());
            Assert.That(() => new BackendChoice(BackendKind.Auto, 0).Find(Some), Throws.TypeOf<DeviceException>().With.Message.Contains("of which API"));
            Assert.That(() => new BackendChoice(BackendKind.Cpu, 0).Find(Some), Throws.TypeOf<DeviceException>().With.Message.Contains("of which API"));
            Assert.That(() => new BackendChoice(BackendKind.Auto, null, IsFast: true).Find(Some), Throws.TypeOf<DeviceException>().With.Message.StartWith("old has no matrix units for tf32"));
            Assert.That(() => new BackendChoice(BackendKind.Cpu, null, IsFast: true).Find(Some), Throws.TypeOf<DeviceException>().With.Message.StartWith("the CPU has no matrix units for tf32"));
        });
    }

    [Test]
    public void A_driver_of_OpenCL_that_fails_takes_no_other_device_away()
    {
        DeviceSurvey Broken(DeviceApi api) => Survey(api, api == DeviceApi.OpenCl ? [s_processor, s_card] : []) with { Missing = "platform 1 is left out. Next: mend it." };
        Assert.That(new BackendChoice(BackendKind.OpenCl).Find(Broken), Is.EqualTo(s_card));
        Assert.That(new BackendChoice(BackendKind.Auto).Find(Broken), Is.EqualTo(s_card));
        Assert.That(
            () => new BackendChoice(BackendKind.OpenCl, 2).Find(Broken),
            Throws.TypeOf<DeviceException>().With.Message.EqualTo("opencl has no device 2; it has 0 (processor), 1 (card); platform 1 is left out. Next: mend it."));
    }

    private static DeviceSurvey Survey(DeviceApi api, DeviceInfo[] devices) => new(api, devices, devices.Length > 0 ? "" : $"{api} is missing. Next: get it.");

    private static DeviceInfo Of(DeviceApi api, int index, string name) => new()
    {
        Api = api, Index = index, Name = name, Platform = "", Driver = "", GlobalBytes = 1, LocalBytes = 1, MaxGroupSize = 1, ComputeUnits = 1, HasFloat64 = false, HasTf32 = false,
    };
}
