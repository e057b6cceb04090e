namespace Engine.Inference.Artefacts;

/// <summary>Keys of `metadata_props` that make an ONNX file an artefact; ARTEFACT.md specifies their values.</summary>
public static class ArtefactKeys
{
    /// <summary>Version of this set of keys: `1`.</summary>
    public const string Version = "engine.artefact";

    /// <summary>The version that is written and read.</summary>
    public const string CurrentVersion = "1";

    /// <summary>The contract: name, sampling and features, as JSON.</summary>
    public const string Contract = "engine.contract";

    /// <summary>SHA-256 of the contract's canonical text, lower-case hex.</summary>
    public const string ContractHash = "engine.contract_hash";

    /// <summary>Kind and statistics, as JSON.</summary>
    public const string Normaliser = "engine.normaliser";

    /// <summary>What is predicted: plain text.</summary>
    public const string Label = "engine.label";

    /// <summary>How far ahead, ns of exchange time: decimal digits.</summary>
    public const string Horizon = "engine.horizon_ns";

    /// <summary>What the model was trained on: a JSON array of text.</summary>
    public const string TrainingSplit = "engine.training_split";

    /// <summary>`seeded` or `trained`.</summary>
    public const string Weights = "engine.weights";

    /// <summary>A remark for people: plain text, may be absent.</summary>
    public const string Note = "engine.note";

    /// <summary>Of a model of windows: `windows` (also where it is absent) or `streaming`.</summary>
    public const string Sequence = "engine.sequence";

    /// <summary>Of an ensemble: its fusion and its members, as JSON.</summary>
    public const string Ensemble = "engine.ensemble";

    /// <summary>Raw rows and the outputs expected for them, as JSON.</summary>
    public const string Golden = "engine.golden";
}
