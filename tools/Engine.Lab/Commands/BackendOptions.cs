using System.CommandLine;
using System.Globalization;
using Engine.Training.Backends;

namespace Engine.Lab.Commands;

/// <summary>What trains, as options of a command.</summary>
internal sealed class BackendOptions
{
    /// <summary>Most threads that train.</summary>
    public const int MostThreads = 256;

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "What trains: cpu (the default), opencl, cuda, or auto: a CUDA device, else an OpenCL device that is no CPU, else cpu",
        DefaultValueFactory = _ => BackendChoice.Kinds[(int)BackendKind.Cpu],
    };

    private readonly Option<int?> _device = new("--device") { Description = "Which device of opencl or cuda, from 0; `lab doctor` lists them. Default: the first, of opencl the first that is no CPU" };
    private readonly Option<bool> _fast = new("--fast") { Description = "LSTMs' matrix products of operands rounded to tf32, on a device that has units for them: faster, and other numbers" };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads of cpu; 0 for one a CPU. Results do not depend on it. With auto it counts where that comes to cpu; opencl and cuda refuse it" };

    /// <summary>The options.</summary>
    public IEnumerable<Option> All => [_backend, _device, _fast, _threads];

    /// <summary>What was asked for that a command to go on with must say too, with a blank before each word.</summary>
    /// <param name="parsed">The command line.</param>
    public string Text(ParseResult parsed) => string.Concat(
        parsed.GetValue(_backend) is { } name && name != BackendChoice.Kinds[(int)BackendKind.Cpu] ? $" {_backend.Name} {name}" : "",
        parsed.GetValue(_device) is { } device ? string.Create(CultureInfo.InvariantCulture, $" {_device.Name} {device}") : "",
        parsed.GetValue(_fast) ? $" {_fast.Name}" : "");

    /// <summary>Opens what was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="UsageException">What was asked for makes no sense.</exception>
    /// <exception cref="Engine.Training.Devices.DeviceException">There is no such device, or it cannot do what is asked.</exception>
    public ITrainingBackend Open(ParseResult parsed)
    {
        string name = parsed.GetValue(_backend)!;
        int kind = BackendChoice.Kinds.ToList().IndexOf(name);
        if (kind < 0)
        {
            throw UsageErrors.Unknown("--backend", name, BackendChoice.Kinds);
        }

        int threads = parsed.GetValue(_threads);
        if (threads is < 0 or > MostThreads)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--threads {threads}: 0 to {MostThreads}"));
        }

        if (threads != 0 && (BackendKind)kind is BackendKind.OpenCl or BackendKind.Cuda)
        {
            throw new UsageException($"--threads goes with the backend cpu; leave it out with {name}");
        }

        return new BackendChoice((BackendKind)kind, parsed.GetValue(_device), parsed.GetValue(_fast)).Open(threads);
    }
}
