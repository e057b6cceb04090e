namespace Engine.Feeds.Captures;

/// <summary>What an interface of a pcapng stands for. Only a recording of this engine names any but lines.</summary>
internal enum InterfaceRole : byte
{
    /// <summary>A line, or any interface of a capture.</summary>
    Line,

    /// <summary>Answers to requests of the run that was recorded.</summary>
    Replies,

    /// <summary>Marks of the time.</summary>
    Clock,

    /// <summary>Pieces of snapshots.</summary>
    Snapshot,
}

/// <summary>The names by which a recording tells what its interfaces stand for.</summary>
internal static class RecordedInterface
{
    /// <summary>Answers to requests.</summary>
    public const string Replies = "engine:replies";

    /// <summary>Packets without a byte: nothing had come until then.</summary>
    public const string Clock = "engine:clock";

    /// <summary>Pieces of snapshots, in order.</summary>
    public const string Snapshot = "engine:snapshot";

    /// <summary>How such names begin; lines may not be named so.</summary>
    public const string Prefix = "engine:";

    /// <summary>What a section's comment begins with; what was done about missing messages follows.</summary>
    public const string CommentPrefix = "engine recording: ";

    /// <summary>The group of a line: two lines of one group and port (on two network cards, from two sources) are two.</summary>
    /// <param name="group">Address and port.</param>
    /// <param name="line">Index of the line, or of its interface in the recording.</param>
    public static ulong GroupOf(ulong group, int line) => group + ((ulong)line * 0xD1B54A32D192ED03);

    /// <summary>The role of an interface of a recording.</summary>
    /// <param name="name">Its name in UTF-8.</param>
    public static InterfaceRole Of(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("engine:replies"u8) ? InterfaceRole.Replies
        : name.SequenceEqual("engine:clock"u8) ? InterfaceRole.Clock
        : name.SequenceEqual("engine:snapshot"u8) ? InterfaceRole.Snapshot
        : InterfaceRole.Line;
}
