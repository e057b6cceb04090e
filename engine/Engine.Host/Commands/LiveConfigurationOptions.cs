using System.CommandLine;
using Engine.Core.Memory;
using Engine.Host.Configuration;
using Engine.Host.Replay;

namespace Engine.Host.Commands;

/// <summary>The options that name a configuration file, the same for every command on live feeds.</summary>
internal sealed class LiveConfigurationOptions
{
    private readonly Option<string> _file = new("--config") { Description = "Configuration: one JSON file, comments allowed.", Required = true, HelpName = "FILE" };
    private readonly Option<bool> _check = new("--check-config") { Description = "Only check the configuration and print it with every default filled in." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_check);
    }

    /// <summary>Whether the configuration is only to be checked.</summary>
    public bool IsCheck(ParseResult parse) => parse.GetValue(_check);

    /// <summary>Reads the file.</summary>
    public LiveConfiguration Read(ParseResult parse) => LiveConfiguration.Read(parse.GetRequiredValue(_file));

    /// <summary>Refuses a configuration that names a model which is not there.</summary>
    public void CheckModels(ParseResult parse, LiveConfiguration configuration)
    {
        for (int i = 0; i < configuration.Models.Length; i++)
        {
            if (!File.Exists(configuration.Models[i]))
            {
                throw new HostException(ExitCodes.Usage, $"{parse.GetRequiredValue(_file)}: models[{i}] is '{configuration.Models[i]}', and there is no such file; check the path");
            }
        }
    }

    /// <summary>Prints a configuration that has been checked.</summary>
    /// <returns>The exit code.</returns>
    public int Print(ParseResult parse, LiveConfiguration configuration)
    {
        CheckModels(parse, configuration);
        CheckContract(configuration);
        Console.Error.WriteLine($"engine: the configuration is sound, hash {ConfigurationText.Hash(configuration)}");
        Console.Out.WriteLine(configuration.CanonicalJson);
        return ExitCodes.Ok;
    }

    /// <summary>Refuses models of another contract than this engine's, or than the configuration's.</summary>
    private static void CheckContract(LiveConfiguration configuration)
    {
        using ModelSet models = ModelSet.Load(configuration.Models);
        ModelLanes.Dispose(models.CreateLanes(configuration.Contract.Name, configuration.Contract.Sampling, new EngineLimits()));
    }
}
