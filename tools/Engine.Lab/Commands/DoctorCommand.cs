using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Training.Backends.Cpu;
using Engine.Training.Devices;

namespace Engine.Lab.Commands;

/// <summary><c>lab doctor</c>: what this machine can train on.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> s_json = new("--json") { Description = "Everything as one JSON object, the last line of standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    public static Command Create(TextWriter output)
    {
        var command = new Command("doctor", "Report what this machine can train on: the CPU, and the devices that speak OpenCL or CUDA.") { s_json };
        command.SetAction(parsed => Run(parsed.GetValue(s_json), output));
        return command;
    }

    private static int Run(bool isJson, TextWriter output)
    {
        using var cpu = new CpuBackend();
        DeviceSurvey[] surveys = [DeviceList.OpenCl(), DeviceList.Cuda()];
        output.WriteLine($"lab {LabVersion.Text}");
        Line(output, "cpu", $"{cpu.Name}");
        foreach (DeviceSurvey survey in surveys)
        {
            foreach (DeviceInfo device in survey.Devices)
            {
                Line(output, Name(survey.Api), Describe(device));
            }

            if (survey.Missing.Length > 0)
            {
                Line(output, Name(survey.Api), survey.Missing);
            }
        }

        if (isJson)
        {
            output.WriteLine(Json(cpu, surveys));
        }

        return 0;
    }

    private static string Describe(DeviceInfo device) => string.Create(
        CultureInfo.InvariantCulture,
        $"{device.Index}: {device.Name} ({device.Platform}, {device.Driver}{(device.Architecture.Length > 0 ? $", {device.Architecture}" : "")}): " +
        $"{device.GlobalBytes >> 20:N0} MiB, local {device.LocalBytes >> 10:N0} KiB, groups of up to {device.MaxGroupSize:N0}, {device.ComputeUnits} units, " +
        $"float64 {(device.HasFloat64 ? "yes" : "no")}, tf32 {(device.HasTf32 ? "yes" : "no")}");

    private static string Name(DeviceApi api) => api == DeviceApi.OpenCl ? "opencl" : "cuda";

    private static void Line(TextWriter output, string name, string value) => output.WriteLine($"  {name,-14} {value}");

    private static string Json(CpuBackend cpu, DeviceSurvey[] surveys)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("version", LabVersion.Text);
            json.WriteStartObject("cpu");
            json.WriteString("name", cpu.Name);
            json.WriteNumber("threads", cpu.Threads);
            json.WriteEndObject();
            foreach (DeviceSurvey survey in surveys)
            {
                json.WriteStartObject(Name(survey.Api));
                json.WriteString("missing", survey.Missing);
                json.WriteStartArray("devices");
                foreach (DeviceInfo device in survey.Devices)
                {
                    Write(json, device);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, DeviceInfo device)
    {
        json.WriteStartObject();
        json.WriteNumber("index", device.Index);
        json.WriteString("name", device.Name);
        json.WriteString("platform", device.Platform);
        json.WriteString("driver", device.Driver);
        json.WriteString("architecture", device.Architecture);
        json.WriteNumber("global_bytes", device.GlobalBytes);
        json.WriteNumber("local_bytes", device.LocalBytes);
        json.WriteNumber("max_group_size", device.MaxGroupSize);
        json.WriteNumber("compute_units", device.ComputeUnits);
        json.WriteBoolean("float64", device.HasFloat64);
        json.WriteBoolean("tf32", device.HasTf32);
        json.WriteEndObject();
    }
}
