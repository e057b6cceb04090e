using System.CommandLine;
using System.Globalization;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.Host.Replay;
using Engine.Recording;

namespace Engine.Host.Commands;

/// <summary>`engine verify`: a log must follow from its captures and models, record for record.</summary>
internal sealed class VerifyCommand
{
    private readonly Argument<string> _log = new("LOG") { Description = "The prediction log." };
    private readonly Argument<string[]> _captures = new("CAPTURE") { Description = "The captures, in the order of the run.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _models = new("--model") { Description = "The model files, in the order of the run; then those that took the place of others, in the order of the log.", Required = true, AllowMultipleArgumentsPerToken = true, HelpName = "FILE" };

    /// <summary>The command.</summary>
    public Command Create()
    {
        var command = new Command("verify", "Check a prediction log's hashes, replay its captures, and demand equality.");
        command.Add(_log);
        command.Add(_captures);
        command.Add(_models);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(_log);
        InputFile.MustExist(path);
        using PredictionLogReader log = PredictionLogReader.Open(path);
        string[] captures = parse.GetRequiredValue(_captures);
        string[] models = parse.GetRequiredValue(_models);

        // The log by itself first: whether it is whole, and which models took the place of others.
        while (log.TryRead(out _))
        {
        }

        CheckFiles("model", [.. log.Head.Models, .. SwapRequest.Files(log.Swaps)], models);
        if (!log.Head.IsLive)
        {
            CheckFiles("capture", log.Head.Captures, captures);
        }

        using var engine = new ReplayEngine(new ReplayOptions
        {
            Captures = captures,
            Models = models[..log.Head.Models.Count],
            Swaps = SwapRequest.Of(log.Swaps, models[log.Head.Models.Count..]),
            Configuration = log.Head.Configuration,
            Inference = log.Head.Configuration.Inference,
            Gaps = GapPolicy.TryParse(log.Head.Configuration.Gaps, out GapPolicy gaps) ? gaps
                : throw new HostException(ExitCodes.Data, $"{path}: what it did about missing messages cannot be read: '{log.Head.Configuration.Gaps}'"),
            HashesPayloads = log.Head.IsLive,
        });
        if (engine.Contract.Hash != log.Head.ContractHash || !engine.ContractHashes.SequenceEqual(log.Head.ContractHashes))
        {
            throw new HostException(ExitCodes.Data, $"{path}: contract {log.Head.ContractHash} in the log, {engine.Contract.Hash} in this build");
        }

        using var comparer = new LogComparer(path, log.Head, engine.Source.Instruments);
        using var stop = new StopSignal();
        using var progress = new ProgressLine();
        ReplayResult result = engine.Run(comparer, stop, _ => { }, progress.Show);
        progress.Clear();
        string? difference = result.Interrupted ? "interrupted before the end: nothing is proven" : comparer.Finish(log.Fault, log.Head.IsLive ? engine.Source.PayloadHash : 0);
        bool endedEarly = difference is not null && log.IsComplete && log.IsInterrupted && comparer.DiffersOnlyInTheEnd;
        if (difference is not null && !endedEarly)
        {
            throw new HostException(ExitCodes.Data, $"{path}: {difference}");
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{path}: verified{(endedEarly ? " up to where the run was ended early" : "")}: {comparer.EqualPredictions:N0} predictions equal, digest {log.Digest:x16}, kernel {result.Kernel}"));
        return ExitCodes.Ok;
    }

    private static void CheckFiles(string what, IReadOnlyList<LoggedFile> logged, string[] given)
    {
        if (logged.Count != given.Length)
        {
            throw new HostException(ExitCodes.Data, $"the log was made from {logged.Count} {what} file(s), {given.Length} given");
        }

        for (int i = 0; i < given.Length; i++)
        {
            InputFile.MustExist(given[i]);
            string sha = InputFile.Sha256(given[i]);
            if (sha != logged[i].Sha256)
            {
                throw new HostException(ExitCodes.Data, $"{given[i]}: this is not the {what} the log was made from ({logged[i].Name}): SHA-256 {logged[i].Sha256} in the log, {sha} here");
            }
        }
    }
}
