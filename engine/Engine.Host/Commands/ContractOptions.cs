using System.CommandLine;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;

namespace Engine.Host.Commands;

/// <summary>Which contract's rows are made when no model decides it.</summary>
internal sealed class ContractOptions
{
    private readonly Option<string?> _contract = new("--contract")
    {
        Description = $"{string.Join(", ", ContractDefinition.Names)}, or a contract's file (.json, or ./NAME where the name is one of these). A model brings its own. Default: {FeatureSet.DefaultName}.",
        HelpName = "NAME|FILE",
    };

    private readonly Option<string?> _sampling = new("--sampling")
    {
        Description = "every-event, every-N, or grid-MS. Default: the contract's.",
        HelpName = "RULE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_contract);
        command.Add(_sampling);
    }

    /// <summary>Refuses the options where a file of feature rows, which has its contract, is read.</summary>
    public void RefuseFor(ParseResult parse, string rows)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_contract, _sampling])
        {
            if (parse.GetResult(option) is { Implicit: false })
            {
                throw new HostException(ExitCodes.Usage, $"{option.Name}: {rows} is a file of feature rows, which has its contract; leave it out");
            }
        }
    }

    /// <summary>The contract that was asked for, a name or a file; null where none was.</summary>
    public string? Asked(ParseResult parse) => parse.GetValue(_contract);

    /// <summary>The sampling that was asked for, checked; null where none was.</summary>
    public Sampling? AskedSampling(ParseResult parse) => parse.GetValue(_sampling) is not { } text ? null
        : Sampling.TryParse(text, out Sampling sampling) ? sampling
        : throw new HostException(ExitCodes.Usage, $"--sampling {text}: write every-event, every-N (N from 1) or grid-MS (a step of 1 to 3,600,000 ms)");

    /// <summary>The contract's families.</summary>
    public FeatureSet Create(ParseResult parse, EngineLimits limits)
    {
        Sampling? sampling = AskedSampling(parse);
        try
        {
            ContractDefinition definition = ContractDefinition.Load(Asked(parse) ?? FeatureSet.DefaultName);
            return FeatureSet.Create(definition, sampling ?? definition.Sampling, limits);
        }
        catch (ContractException e)
        {
            throw new HostException(ExitCodes.Usage, $"--contract: {e.Message}");
        }
    }
}
