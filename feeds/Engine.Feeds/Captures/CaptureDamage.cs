namespace Engine.Feeds.Captures;

/// <summary>In which way a file ended otherwise than it should.</summary>
internal enum DamageKind : byte
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>Within a pcap record's header.</summary>
    CutPacketHead,

    /// <summary>Within a pcap record.</summary>
    CutPacket,

    /// <summary>A pcap record longer than any; first number: its bytes.</summary>
    LongPacket,

    /// <summary>Within a pcapng block.</summary>
    CutBlock,

    /// <summary>A pcapng block whose length cannot be; first number: its bytes.</summary>
    BlockLength,

    /// <summary>A pcapng block whose two lengths differ; both numbers.</summary>
    BlockLengths,

    /// <summary>A pcapng section without its byte-order magic; first number: what is there.</summary>
    SectionMagic,

    /// <summary>A pcapng section header that is too short; first number: its bytes.</summary>
    SectionLength,

    /// <summary>A pcapng section of another version; first number: which.</summary>
    SectionVersion,

    /// <summary>Within a BinaryFILE message.</summary>
    CutMessage,

    /// <summary>Within a line of text.</summary>
    CutLine,

    /// <summary>More behind a BinaryFILE's end record; first number: how many bytes.</summary>
    BehindEndRecord,

    /// <summary>The content ends as it should, but its gzip does not.</summary>
    Gzip,
}

/// <summary>Damage as the reading thread notes it: numbers only. The sentence is made when somebody asks for it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">The byte of the content.</param>
/// <param name="First">What <paramref name="Kind"/> says.</param>
/// <param name="Second">What <paramref name="Kind"/> says.</param>
internal readonly record struct CaptureDamage(DamageKind Kind, long Offset = 0, long First = 0, long Second = 0)
{
    /// <summary>Words between the file's name and the byte.</summary>
    public string Words => Kind switch
    {
        DamageKind.CutPacketHead => "is cut in the middle of a packet's header",
        DamageKind.CutPacket => "is cut in the middle of a packet",
        DamageKind.LongPacket => $"has a packet of {First:N0} bytes, which cannot be",
        DamageKind.CutBlock => "is cut in the middle of a block",
        DamageKind.BlockLength => $"has a block of {First:N0} bytes, which cannot be,",
        DamageKind.BlockLengths => $"has a block whose lengths, {First:N0} before and {Second:N0} behind, differ",
        DamageKind.SectionMagic => $"has a pcapng section with the byte-order magic {First:X8}, not {PcapngReader.ByteOrder:X8},",
        DamageKind.SectionLength => $"has a pcapng section header of {First:N0} bytes, too short for one,",
        DamageKind.SectionVersion => $"has a section of pcapng version {First}, and only version 1 is read,",
        DamageKind.CutMessage => "is cut in the middle of a message",
        DamageKind.CutLine => "is cut in the middle of the line",
        _ => "is damaged",
    };

    /// <summary>The fault for people; null when there is none. Not for the reading thread: it makes strings.</summary>
    public SourceFault? ToFault(CaptureFile file)
    {
        string cause = file.Damage is null ? "" : $" (its gzip is {file.Damage})";
        string? sentence = Kind switch
        {
            DamageKind.None => null,
            DamageKind.Gzip => $"{file.Path}: the gzip is {file.Damage}; its content ends at byte {Offset:N0}, everything before it counts",
            DamageKind.BehindEndRecord =>
                $"{file.Path} has an end record at byte {Offset:N0} and {First:N0} bytes behind it, which are not read; everything before it counts",
            _ => $"{file.Path} {Words} at byte {Offset:N0}{cause}; everything before it counts",
        };
        return sentence is null ? null : new SourceFault(file.Path, Offset, sentence);
    }
}
