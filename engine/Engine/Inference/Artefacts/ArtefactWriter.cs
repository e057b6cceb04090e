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

    /// <summary>The file for any graph.</summary>
    internal static byte[] Write(GraphProto graph, ArtefactDescription description)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "engine",
            ProducerVersion = ArtefactKeys.CurrentVersion,
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        if (graph.Node.Any(n => n.Domain == TreeTable.Domain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = TreeTable.Domain, Version = TreeGraph.OperatorSet });
        }

        Add(ArtefactKeys.Version, ArtefactKeys.CurrentVersion);
        Add(ArtefactKeys.Contract, ArtefactJson.Contract(description.Contract));
        Add(ArtefactKeys.ContractHash, description.Contract.Hash);
        Add(ArtefactKeys.Normaliser, ArtefactJson.Normaliser(description));
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

        Add(ArtefactKeys.Golden, ArtefactJson.Golden(description.Golden));
        return model.ToByteArray();

        void Add(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
