namespace Engine.Recording;

/// <summary>What a 64-byte record of a prediction log is.</summary>
public enum LogRecordKind : byte
{
    /// <summary>A <see cref="Signals.Prediction"/>.</summary>
    Prediction = 1,

    /// <summary>The symbol of an instrument, before its first prediction.</summary>
    Instrument = 2,

    /// <summary>Closes a block: how many records it had, and the chained hash of everything so far.</summary>
    Seal = 3,

    /// <summary>The log was closed in order; nothing follows.</summary>
    End = 4,

    /// <summary>A <see cref="Signals.ModelRecord"/>: a model took another's place.</summary>
    Model = Signals.ModelRecord.Kind,

    /// <summary>A <see cref="Signals.MemberRecord"/>: what members of an ensemble said, before its prediction.</summary>
    Members = Signals.MemberRecord.Kind,
}
