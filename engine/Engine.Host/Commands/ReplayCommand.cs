using System.CommandLine;
using System.Globalization;
using Engine.Features;
using Engine.Feeds;
using Engine.Host.Inspection;
using Engine.Host.Output;
using Engine.Host.Replay;
using Engine.Inference;
using Engine.Recording;

namespace Engine.Host.Commands;

/// <summary>`engine replay`: the whole pipeline over captures.</summary>
internal sealed class ReplayCommand
{
    private const double SlowestSpeed = 1e-3;
    private const double FastestSpeed = 1e6;

    private readonly CaptureOptions _source = new();
    private readonly Option<string[]> _models = new("--model") { Description = "Model files; without one the run decodes, keeps books and computes features.", AllowMultipleArgumentsPerToken = true, HelpName = "FILE" };
    private readonly Option<string[]> _swaps = new("--swap") { Description = "Put another model in the place of one: from the first event at or after an exchange time (ns) on. PLACE says which --model, 0 for the first. May be given several times.", HelpName = "TIME[@PLACE]=FILE" };
    private readonly Option<string?> _symbols = new("--symbols") { Description = "Only these symbols, e.g. A,B." };
    private readonly Option<string> _speed = new("--speed") { Description = "max, or a multiple of real time such as 1x or 10x.", DefaultValueFactory = _ => "max" };
    private readonly Option<string?> _topology = new("--topology") { Description = "fused (one hot thread) or split (receive, compute, record). Default fused under 4 CPUs." };
    private readonly Option<string?> _pin = new("--pin") { Description = "CPUs: compute (fused), or receive,compute,record (split).", HelpName = "CPU,…" };
    private readonly Option<int?> _backgroundPin = new("--background-pin") { Description = "CPU of a thread for what models leave for after a prediction (LSTM windows); without it the compute thread does that.", HelpName = "CPU" };
    private readonly Option<int> _fifo = new("--fifo") { Description = "Real-time priority of the hot threads, 1 to 99.", HelpName = "PRIORITY" };
    private readonly Option<bool> _lock = new("--lock-memory") { Description = "Lock the process's memory (mlockall)." };
    private readonly Option<string> _inference = new("--inference") { Description = "native, ort, or both (native's value; reports the largest difference).", DefaultValueFactory = _ => "native" };
    private readonly Option<bool> _suppress = new("--suppress-suspect") { Description = "Make no prediction from a book that is suspect." };
    private readonly ContractOptions _contract = new();
    private readonly Option<string?> _out = new("--out") { Description = "Folder for predictions.engplog, summary.json and latency histograms.", HelpName = "DIR" };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Overwrite what is there." };
    private readonly Option<bool> _json = new("--json") { Description = "The summary as one JSON object on the last line of stdout." };

    /// <summary>The command.</summary>
    public Command Create()
    {
        _topology.AcceptOnlyFromAmong("fused", "split");
        _inference.AcceptOnlyFromAmong("native", "ort", "both");
        var command = new Command("replay", "Replay captures through the whole pipeline.");
        _source.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_models, _swaps, _symbols, _speed, _topology, _pin, _backgroundPin, _fifo, _lock, _inference, _suppress])
        {
            command.Add(option);
        }

        _contract.AddTo(command);
        command.Add(_out);
        command.Add(_force);
        command.Add(_json);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        if (_source.Captures(parse).FirstOrDefault(path => RowFileSource.IsOne(path) && Hdf5Guard.IsNeeded(path)) is { } old)
        {
            return Hdf5Guard.Run(old);
        }

        using var stop = new StopSignal();
        using var progress = new ProgressLine();
        return RunOutput.Run(Options(parse), stop, progress.Show, progress.Clear, parse.GetValue(_json));
    }

    private ReplayOptions Options(ParseResult parse)
    {
        int fifo = parse.GetValue(_fifo);
        if (fifo is < 0 or > 99)
        {
            throw new HostException(ExitCodes.Usage, $"--fifo {fifo}: 1 to 99, or 0 for none");
        }

        string[] captures = _source.Captures(parse);
        if (captures.FirstOrDefault(RowFileSource.IsOne) is { } rows)
        {
            _source.RefuseFor(parse, rows);
            _contract.RefuseFor(parse, rows);
        }

        string inference = parse.GetValue(_inference)!;
        return new ReplayOptions
        {
            Captures = captures,
            Models = parse.GetValue(_models) ?? [],
            Swaps = [.. (parse.GetValue(_swaps) ?? []).Select(SwapRequest.Parse)],
            Contract = _contract.Asked(parse),
            Sampling = _contract.AskedSampling(parse),
            Configuration = new RunConfiguration
            {
                Venue = _source.VenueText(parse),
                Date = _source.Date(parse)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Symbols = CaptureOptions.ParseSymbols(parse.GetValue(_symbols)),
                Contract = "",
                Sampling = "",
                Inference = inference == "ort" ? "ort" : "native",
                Gaps = "",
                SuppressSuspect = parse.GetValue(_suppress),
            },
            Gaps = _source.Gaps(parse),
            Speed = ParseSpeed(parse.GetValue(_speed)!),
            Topology = captures.Any(RowFileSource.IsOne) && parse.GetValue(_topology) is null ? Topology.Fused : ParseTopology(parse.GetValue(_topology)),
            Pins = ParsePins(parse.GetValue(_pin)),
            BackgroundPin = parse.GetValue(_backgroundPin),
            FifoPriority = fifo,
            LockMemory = parse.GetValue(_lock),
            Inference = inference,
            OutputFolder = parse.GetValue(_out),
            Overwrite = parse.GetValue(_force),
        };
    }

    private static double ParseSpeed(string text)
    {
        if (text == "max")
        {
            return 0;
        }

        return text.EndsWith('x') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double speed)
            && speed is >= SlowestSpeed and <= FastestSpeed
            ? speed
            : throw new HostException(ExitCodes.Usage, $"--speed {text}: write max, or a multiple of real time from 0.001x to 1000000x, such as 1x or 10x");
    }

    private static Topology ParseTopology(string? text) => text switch
    {
        "fused" => Topology.Fused,
        "split" => Topology.Split,
        _ => Environment.ProcessorCount < 4 ? Topology.Fused : Topology.Split,
    };

    private static int[] ParsePins(string? text)
    {
        if (text is null)
        {
            return [];
        }

        string[] parts = text.Split(',');
        var pins = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out pins[i]))
            {
                throw new HostException(ExitCodes.Usage, $"--pin {text}: CPU numbers with commas between, e.g. 1 or 0,1,0");
            }
        }

        return pins;
    }
}
