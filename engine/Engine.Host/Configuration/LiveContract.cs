using Engine.Features;
using Engine.Features.Contracts;

namespace Engine.Host.Configuration;

/// <summary>What a configuration says of the contract. Where models bring it, all is null that the file does not say.</summary>
/// <param name="Name">Its name or its file, as the configuration says it; the default where there is neither this nor a model.</param>
/// <param name="Sampling">Its sampling.</param>
/// <param name="Hash">Hash of the contract, with that sampling.</param>
internal sealed record LiveContract(string? Name, Sampling? Sampling, string? Hash)
{
    private const string NameKey = "contract", SamplingKey = "sampling", HashKey = "contract_hash";

    /// <summary>Reads and resolves it; paths count from the working folder, as all of the configuration do.</summary>
    /// <exception cref="HostException">There is no such contract, it is wrong, or it is not the one whose hash is written.</exception>
    public static LiveContract Read(ConfigurationSection root, bool hasModels)
    {
        string? name = root.Name(NameKey);
        Sampling? sampling = ReadSampling(root);
        string? pinned = root.Name(HashKey);
        if (name is null && hasModels)
        {
            return pinned is null ? new LiveContract(null, sampling, null)
                : throw root.Wrong(HashKey, $"is for a contract that is named; leave it out, or write {NameKey}: models are held to theirs anyway");
        }

        try
        {
            var definition = ContractDefinition.Load(name ?? FeatureSet.DefaultName);
            FeatureContract contract = ContractDescription.Of(definition, sampling).Contract;
            return pinned is null || pinned == contract.Hash ? new LiveContract(name ?? contract.Name, sampling ?? definition.Sampling, contract.Hash)
                : throw root.Wrong(HashKey, $"is {ConfigurationSection.Shown(pinned)}, but contract {name ?? contract.Name} with {contract.Sampling} has {contract.Hash}; name the one that is meant, or leave the hash out");
        }
        catch (ContractException e)
        {
            throw root.Wrong(NameKey, $"is wrong: {e.Message}");
        }
    }

    private static Sampling? ReadSampling(ConfigurationSection root) => root.Text(SamplingKey) is not { } text ? null
        : Features.Sampling.TryParse(text, out Sampling rule) ? rule
        : throw root.Wrong(SamplingKey, $"is {ConfigurationSection.Shown(text)}; write every-event, every-N or grid-MS");
}
