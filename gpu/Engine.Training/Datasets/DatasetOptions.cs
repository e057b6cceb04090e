using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Feeds.Network.Recovery;

namespace Engine.Training.Datasets;

/// <summary>How captures become rows. All but <see cref="Date"/>, <see cref="Deflate"/> and <see cref="AllowsCut"/> must be the same for every day of a data set.</summary>
public sealed record DatasetOptions
{
    /// <summary>The features.</summary>
    public required ContractDefinition Contract { get; init; }

    /// <summary>When rows are taken.</summary>
    public required Sampling Sampling { get; init; }

    /// <summary>The symbols followed, sorted; null for all.</summary>
    public IReadOnlyList<string>? Symbols { get; init; }

    /// <summary>The venue; <see cref="Core.Events.Venue.None"/> goes by the first packets.</summary>
    public Venue Venue { get; init; }

    /// <summary>What is done about missing messages; null goes by the captures.</summary>
    public GapPolicy? Gaps { get; init; }

    /// <summary>The session's date, where a capture has no clock of its own.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>Level of compression, 0 to 9.</summary>
    public int Deflate { get; init; }

    /// <summary>Keep the rows of a capture up to where it is damaged; otherwise such a capture is refused.</summary>
    public bool AllowsCut { get; init; }

    /// <summary>What made the data set.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Bounds of the run.</summary>
    public EngineLimits Limits { get; init; } = new();

    /// <summary>The venue as the option spells it.</summary>
    public string VenueText => Venue == Venue.None ? "auto" : EventNames.Of(Venue);

    /// <summary>The contract as the engine makes it.</summary>
    public FeatureContract MakeContract()
    {
        using FeatureSet set = FeatureSet.Create(Contract, Sampling, Limits);
        return set.Contract;
    }

    /// <summary>What must be the same for every day, as one line of JSON with fixed key order.</summary>
    /// <param name="contract">The contract as the engine makes it.</param>
    public string CanonicalJson(FeatureContract contract)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("contract", contract.Name);
            json.WriteString("contract_hash", contract.Hash);
            json.WriteString("sampling", contract.Sampling);
            json.WriteString("venue", VenueText);
            json.WriteString("gaps", Gaps?.ToString());
            json.WritePropertyName("symbols");
            JsonLists.Write(json, Symbols);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>SHA-256 of a text, lower-case hex.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>How a feed is to be read.</summary>
    internal FeedOptions Feed() => new()
    {
        Venue = Venue,
        Date = Date,
        Gaps = Gaps,
        Instruments = new InstrumentTable(Limits.Instruments, Symbols),
        Limits = Limits,
    };
}
