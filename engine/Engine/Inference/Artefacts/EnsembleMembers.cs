using System.Globalization;
using Engine.Inference.Artefacts.Onnx;

namespace Engine.Inference.Artefacts;

/// <summary>The members of an ensemble's file, and what models must have in common to become them.</summary>
internal static class EnsembleMembers
{
    private const string ExportAgain = "export the ensemble again";

    /// <summary>Takes the members out of a file that says it is an ensemble's, and checks that its graph is what they make.</summary>
    /// <exception cref="ArtefactException">The graph is another.</exception>
    public static ModelArtefact[] Of(string path, ModelProto model, ArtefactDescription description, InputWindow window)
    {
        EnsembleDescription ensemble = description.Ensemble!;
        if (!description.IsRaw)
        {
            throw new ArtefactException(path, $"{ArtefactKeys.Normaliser} of an ensemble is of kind none, since its members have their own; {ExportAgain}");
        }

        if (EnsembleGraph.WindowOf(ensemble.Members.Select(m => m.Window)) != window)
        {
            throw new ArtefactException(path, $"the input is a window of {window.Steps} ticks, but the members' longest is another; {ExportAgain}");
        }

        try
        {
            ModelArtefact[] members = [.. ensemble.Members.Select((m, i) => Member(path, model, description, m, i))];
            return EnsembleGraph.Write(members, ensemble.Fusion).Equals(model.Graph)
                ? members
                : throw new FormatException($"the graph is not the one that the {members.Length} members and the fusion of {ArtefactKeys.Ensemble} make");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new ArtefactException(path, $"{e.Message}; {ExportAgain}");
        }
    }

    /// <summary>The operator sets of one graph of several models.</summary>
    /// <exception cref="ArgumentException">Two models are of different versions of one.</exception>
    public static OperatorSetIdProto[] OperatorSets(IReadOnlyList<ModelArtefact> members)
    {
        var sets = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (ModelArtefact member in members)
        {
            foreach (OperatorSetIdProto set in member.OperatorSets)
            {
                string domain = set.Domain == "ai.onnx" ? "" : set.Domain;
                if (!sets.TryAdd(domain, set.Version) && sets[domain] != set.Version)
                {
                    throw new ArgumentException(string.Create(
                        CultureInfo.InvariantCulture, $"{member.Path} is of version {set.Version} of the operator set '{domain}', others of {sets[domain]}: one graph has one; export them alike"));
                }
            }
        }

        return [.. sets.Select(s => new OperatorSetIdProto { Domain = s.Key, Version = s.Value })];
    }

    private static ModelArtefact Member(string path, ModelProto model, ArtefactDescription description, EnsembleMember member, int index)
    {
        var own = new ModelProto { Graph = EnsembleGraph.Extract(model.Graph, index, member.Window, description.Contract.Count) };
        own.OpsetImport.AddRange(model.OpsetImport);
        return new ModelArtefact(
            string.Create(CultureInfo.InvariantCulture, $"{path}, member {index} ({member.Name})"),
            [],
            own,
            description with
            {
                Mean = member.Mean,
                Deviation = member.Deviation,
                IsRaw = member.IsRaw,
                Clip = member.Clip,
                Ranks = member.Ranks,
                Label = member.Label,
                HorizonNanos = member.HorizonNanos,
                Weights = member.Weights,
                TrainingSplit = member.TrainingSplit,
                Ensemble = null,
            },
            member.Window,
            member.Sha256);
    }
}
