using System.CommandLine;
using Engine.Core.Memory;
using Engine.Features;

namespace Engine.Host.Commands;

/// <summary>Which contract's rows are made when no model decides it.</summary>
internal sealed class ContractOptions
{
    private readonly Option<string> _contract = new("--contract")
    {
        Description = string.Join(" or ", FeatureSet.Names),
        DefaultValueFactory = _ => FeatureSet.DefaultName,
    };

    private readonly Option<string> _sampling = new("--sampling")
    {
        Description = "every-event, every-N, or grid-MS",
        DefaultValueFactory = _ => Sampling.EveryEvent.ToString(),
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _contract.AcceptOnlyFromAmong([.. FeatureSet.Names]);
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

    /// <summary>The contract's name.</summary>
    public string Name(ParseResult parse) => parse.GetValue(_contract)!;

    /// <summary>The sampling's text, checked.</summary>
    public string SamplingText(ParseResult parse) => Parse(parse).ToString();

    /// <summary>The contract's families.</summary>
    public FeatureSet Create(ParseResult parse, EngineLimits limits) => FeatureSet.Create(Name(parse), Parse(parse), limits);

    private Sampling Parse(ParseResult parse)
    {
        string text = parse.GetValue(_sampling)!;
        return Sampling.TryParse(text, out Sampling sampling)
            ? sampling
            : throw new HostException(ExitCodes.Usage, $"--sampling {text}: write every-event, every-N (N from 1) or grid-MS (a step of 1 to 3,600,000 ms)");
    }
}
