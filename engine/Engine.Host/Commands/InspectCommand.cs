using System.CommandLine;
using Engine.Features.Contracts;
using Engine.Host.Inspection;

namespace Engine.Host.Commands;

/// <summary>`engine inspect`: what a log, a model, a feature contract, an HDF5 file or a capture is and holds.</summary>
internal sealed class InspectCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = $"A prediction log, a model (.onnx), a feature contract (.json, or one of {string.Join(", ", ContractDefinition.Names)}; ./NAME for a file called so), an HDF5 file or a capture." };
    private readonly RowOutputOptions _output = new(allowsHdf5: true);
    private readonly Option<string?> _dataset = new("--dataset") { Description = "The dataset of an HDF5 file whose rows are exported; of feature rows, default all of them together.", HelpName = "PATH" };
    private readonly Option<bool> _json = new("--json") { Description = "The summary as one JSON object on the last line of stdout." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("inspect", "Look into a log, a model, a feature contract, an HDF5 file or a capture; --format or -o export a log's predictions, a contract's columns or a file's rows.");
        command.Add(_file);
        _output.AddTo(command);
        command.Add(_dataset);
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
        FileKinds.Kind kind = FileKinds.Of(path);
        string? dataset = parse.GetValue(_dataset);
        if (dataset is not null && kind != FileKinds.Kind.Hdf5)
        {
            throw new HostException(ExitCodes.Usage, $"--dataset {dataset}: {path} is no HDF5 file");
        }

        return kind switch
        {
            FileKinds.Kind.Hdf5 when Hdf5Guard.IsNeeded(path) => Hdf5Guard.Run(path),
            FileKinds.Kind.Hdf5 => Hdf5Inspection.Run(path, dataset, parse, _output, json),
            FileKinds.Kind.Log => LogInspection.Run(path, parse, _output, json),
            FileKinds.Kind.Model => ModelInspection.Run(path, parse, _output, json),
            _ => CaptureInspection.Run(path, json),
        };
    }
}
