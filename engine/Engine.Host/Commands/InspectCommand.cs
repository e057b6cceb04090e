using System.CommandLine;
using Engine.Features.Contracts;
using Engine.Host.Inspection;

namespace Engine.Host.Commands;

/// <summary>`engine inspect`: what a log, a model, a feature contract or a capture is and holds.</summary>
internal sealed class InspectCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = $"A prediction log, a model (.onnx), a feature contract (.json, or one of {string.Join(", ", ContractDefinition.Names)}; ./NAME for a file called so) or a capture." };
    private readonly RowOutputOptions _output = new();
    private readonly Option<bool> _json = new("--json") { Description = "The summary as one JSON object on the last line of stdout." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("inspect", "Look into a log, a model, a feature contract or a capture; --format or -o export a log's predictions or a contract's columns.");
        command.Add(_file);
        _output.AddTo(command);
        command.Add(_json);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(_file);
        if (ContractInspection.IsContract(path))
        {
            return ContractInspection.Run(path, parse, _output, parse.GetValue(_json));
        }

        if (path != "-")
        {
            InputFile.MustExist(path);
        }

        bool json = parse.GetValue(_json);
        return FileKinds.Of(path) switch
        {
            FileKinds.Kind.Log => LogInspection.Run(path, parse, _output, json),
            FileKinds.Kind.Model => ModelInspection.Run(path, parse, _output, json),
            _ => CaptureInspection.Run(path, json),
        };
    }
}
