using System.Globalization;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Google.Protobuf;

namespace Engine.Inference.Artefacts;

/// <summary>Writes an artefact: a graph and what is said about it, as the bytes of an ONNX file.</summary>
public static class ArtefactWriter
{
    private const int IrVersion = 8;
    private const int OperatorSet = 13;

    /// <summary>The file for a silo network. The same arguments give the same bytes.</summary>
    /// <exception cref="ArgumentException">The network and the description are for rows of different lengths.</exception>
    public static byte[] Write(SiloNetwork network, ArtefactDescription description)
    {
        if (network.FeatureCount != description.Contract.Count)
        {
            throw new ArgumentException($"A network of {network.FeatureCount} features with a contract of {description.Contract.Count}.");
        }

        return Write(SiloGraph.Write(network), description);
    }

    /// <summary>The file for an LSTM network. The same arguments give the same bytes.</summary>
    /// <exception cref="ArgumentException">The network and the description are for rows of different lengths, or of different modes.</exception>
    public static byte[] Write(LstmNetwork network, ArtefactDescription description) =>
        network.FeatureCount == description.Contract.Count && network.Mode == description.Sequence
            ? Write(LstmGraph.Write(network), description)
            : throw new ArgumentException($"A {network.Mode} network of {network.FeatureCount} features with a {description.Sequence} contract of {description.Contract.Count}.");

    /// <summary>The file for a tree ensemble. The same arguments give the same bytes.</summary>
    /// <exception cref="ArgumentException">The ensemble and the description are for rows of different lengths.</exception>
    public static byte[] Write(TreeEnsemble ensemble, ArtefactDescription description)
    {
        if (ensemble.FeatureCount != description.Contract.Count)
        {
            throw new ArgumentException($"Trees over {ensemble.FeatureCount} features with a contract of {description.Contract.Count}.");
        }

        return Write(TreeGraph.Write(ensemble), description);
    }

    /// <summary>The file for an ensemble. The same arguments give the same bytes.</summary>
    /// <param name="members">The members, in the order of the fusion's weights.</param>
    /// <param name="description">What is said about the ensemble.</param>
    /// <exception cref="ArgumentException">A member is of another contract, or cannot be put into one graph with the others.</exception>
    public static byte[] Write(IReadOnlyList<ModelArtefact> members, ArtefactDescription description)
    {
        EnsembleDescription ensemble = description.Ensemble ?? throw new ArgumentException("The description is not an ensemble's.", nameof(description));
        ModelArtefact? other = members.FirstOrDefault(m => m.Contract.Hash != description.Contract.Hash);
        if (other is not null || members.Count != ensemble.Members.Count)
        {
            throw new ArgumentException($"{members.Count} members, described are {ensemble.Members.Count}, and their contract is {other?.Contract.Hash ?? "as described"}.");
        }

        return Write(EnsembleGraph.Write(members, ensemble.Fusion), description, EnsembleMembers.OperatorSets(members));
    }

    /// <summary>The file for any graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="description">What is said about it.</param>
    /// <param name="operatorSets">What its nodes are from; null for those that this writer uses.</param>
    internal static byte[] Write(GraphProto graph, ArtefactDescription description, IEnumerable<OperatorSetIdProto>? operatorSets = null)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "engine",
            ProducerVersion = ArtefactKeys.CurrentVersion,
            Graph = graph,
        };
        if (operatorSets is not null)
        {
            model.OpsetImport.AddRange(operatorSets);
        }
        else
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        }

        if (operatorSets is null && graph.Node.Any(n => n.Domain == TreeTable.Domain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = TreeTable.Domain, Version = TreeGraph.OperatorSet });
        }

        Add(ArtefactKeys.Version, ArtefactKeys.CurrentVersion);
        Add(ArtefactKeys.Contract, ArtefactJson.Contract(description.Contract));
        Add(ArtefactKeys.ContractHash, description.Contract.Hash);
        Add(ArtefactKeys.Normaliser, NormaliserJson.Write(description.Form));
        Add(ArtefactKeys.Label, description.Label);
        Add(ArtefactKeys.Horizon, description.HorizonNanos.ToString(CultureInfo.InvariantCulture));
        Add(ArtefactKeys.TrainingSplit, ArtefactJson.Texts(description.TrainingSplit));
        Add(ArtefactKeys.Weights, description.Weights);
        if (description.Note.Length != 0)
        {
            Add(ArtefactKeys.Note, description.Note);
        }

        if (description.Sequence != SequenceMode.Windows)
        {
            Add(ArtefactKeys.Sequence, ArtefactJson.SequenceNames[(int)description.Sequence]);
        }

        if (description.Ensemble is not null)
        {
            Add(ArtefactKeys.Ensemble, EnsembleJson.Write(description.Ensemble));
        }

        Add(ArtefactKeys.Golden, ArtefactJson.Golden(description.Golden));
        return model.ToByteArray();

        void Add(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
