using System.Text.Json;
using Engine.Lab;
using Engine.Training.Devices;

namespace Engine.Training.Tests.Lab;

/// <summary>`lab doctor`.</summary>
public class DoctorCommandTests
{
    [Test]
    public void The_doctor_lists_what_can_train_and_why_the_rest_cannot()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(LabCommandLine.Run(["doctor", "--json"], output, error), Is.Zero, error.ToString());
        string[] lines = output.ToString().TrimEnd().Split('\n');
        Assert.That(lines[0], Does.StartWith("lab "));
        Assert.That(lines[1], Does.Match(@"^  cpu +cpu-(scalar|avx2|avx512) ×\d+$"));
        using JsonDocument json = JsonDocument.Parse(lines[^1]);
        Assert.That(json.RootElement.GetProperty("cpu").GetProperty("threads").GetInt32(), Is.Positive);
        foreach ((string name, DeviceSurvey survey) in (ReadOnlySpan<(string, DeviceSurvey)>)[("opencl", DeviceList.OpenCl()), ("cuda", DeviceList.Cuda())])
        {
            JsonElement api = json.RootElement.GetProperty(name);
            Assert.That(api.GetProperty("missing").GetString(), Is.EqualTo(survey.Missing));
            Assert.That(api.GetProperty("devices").EnumerateArray().Select(d => d.GetProperty("name").GetString()), Is.EqualTo(survey.Devices.Select(d => d.Name)));
            Assert.That(lines.Count(line => line.StartsWith($"  {name} ", StringComparison.Ordinal)), Is.EqualTo(survey.Devices.Count + (survey.Missing.Length > 0 ? 1 : 0)));
            foreach (DeviceInfo device in survey.Devices)
            {
                Assert.That(output.ToString(), Does.Contain($"{device.Index}: {device.Name} ({device.Platform}").And.Contain("float64 ").And.Contain("tf32 "));
            }
        }
    }
}
