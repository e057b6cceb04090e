using System.CommandLine;
using Engine.Features;
using Engine.Features.Contracts;

namespace Engine.Lab.Commands;

/// <summary>The options that say which contract a model reads, and when; the same for every command that makes one.</summary>
internal static class ContractChoice
{
    /// <summary>Which contract.</summary>
    public static Option<string> Contract() => new("--contract")
    {
        Description = $"{string.Join(", ", ContractDefinition.Names)}, or a contract's file (.json, or ./NAME where the name is one of these)", DefaultValueFactory = _ => FeatureSet.DefaultName,
    };

    /// <summary>When rows are taken.</summary>
    public static Option<string?> Sampling() => new("--sampling") { Description = "every-event, every-N or grid-MS. Default: the contract's" };

    /// <summary>What was chosen.</summary>
    /// <param name="nameOrPath">The contract.</param>
    /// <param name="sampling">The sampling; null for the contract's own.</param>
    public static (ContractDefinition Contract, Sampling Sampling) Read(string nameOrPath, string? sampling)
    {
        try
        {
            ContractDefinition contract = ContractDefinition.Load(nameOrPath);
            return sampling is null ? (contract, contract.Sampling)
                : Features.Sampling.TryParse(sampling, out Sampling asked) ? (contract, asked)
                : throw new UsageException($"--sampling '{sampling}' is none of every-event, every-N, grid-MS");
        }
        catch (ContractException e)
        {
            throw new UsageException($"--contract: {e.Message}");
        }
    }
}
