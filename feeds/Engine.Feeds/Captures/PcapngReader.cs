using System.Runtime.CompilerServices;
using System.Text;

namespace Engine.Feeds.Captures;

/// <summary>
/// Steps through the packets of one pcapng in memory, over sections of either byte order and any number of interfaces.
/// </summary>
/// <remarks>
/// <code>
/// block     0       4        8                             length − 4  length
///           +-------+--------+-----------------------------+-----------+
///           | type  | length | body, padded to 4 bytes ... | length    |
///           +-------+--------+-----------------------------+-----------+
/// bodies    0           4       6       8           12        16       20
/// section   | 1a2b3c4d  | major | minor | section length i64  | options
/// enhanced  | interface | time, high 32 | low 32    | captured | on wire | packet, padded | options
/// obsolete  | if. | drops | time, high 32 | low 32  | captured | on wire | packet, padded | options
/// simple    | on wire   | packet, padded                                   (no time; interface 0)
/// </code>
/// All u32 but interface and drops of the obsolete block, major and minor (u16), in the byte order of the section, which its
/// magic tells. A section forgets the interfaces of the one before. Layout: IETF draft-ietf-opsawg-pcapng.
/// A block whose two lengths agree keeps the frame, so what is wrong inside it is counted and passed over; lengths that do
/// not agree end the file there, since nothing after them can be believed.
/// </remarks>
internal sealed unsafe class PcapngReader : PacketReader
{
    /// <summary>Longest block that is believed, bytes: libpcap's own first bound.</summary>
    public const int MaxBlock = 16 << 20;

    /// <summary>Most interfaces followed in a section; packets of later ones count as having none.</summary>
    public const int MaxInterfaces = 1_024;

    /// <summary>Packets looked at for a first time when a file begins with packets that have none.</summary>
    public const int MaxLookAhead = 65_536;

    /// <summary>The magic of a section in this machine's byte order.</summary>
    public const uint ByteOrder = 0x1A2B3C4D;

    private const uint SectionHeader = 0x0A0D0D0A, InterfaceDescription = 1, ObsoletePacket = 2, SimplePacket = 3;
    private const uint NameResolution = 4, InterfaceStatistics = 5, EnhancedPacket = 6, Journal = 9, DecryptionSecrets = 10;
    private const ushort CommentOption = 1;
    private const uint Custom = 0xBAD, CustomNotCopied = 0x4000_0BAD;
    private const uint ByteOrderSwapped = 0x4D3C2B1A;
    private const int BlockHead = 8, BlockTail = 4, MinBlock = BlockHead + BlockTail, MinSection = 28, SectionHead = 16, PacketHead = 20;

    private readonly PcapngInterface[] _interfaces = new PcapngInterface[MaxInterfaces];
    private int _interfaceCount;

    /// <exception cref="CaptureException">A section header that is cut, of another version or without its magic.</exception>
    public PcapngReader(CaptureFile file)
        : base(file)
    {
        if (file.Length < MinSection)
        {
            throw new CaptureException($"{file.Path}: is cut within its pcapng section header at byte {file.Length:N0} of {MinSection}", 1);
        }

        CaptureDamage damage = RefuseSection(At);
        if (damage.Kind != DamageKind.None)
        {
            throw new CaptureException($"{file.Path} {damage.Words} at byte 0", 2);
        }

        Advance();
        SeekClock();
    }

    /// <inheritdoc/>
    public override string Format => "pcapng";

    /// <summary>Section headers seen.</summary>
    public long Sections { get; private set; }

    /// <summary>Interface descriptions seen, damaged ones included.</summary>
    public long Interfaces { get; private set; }

    /// <summary>Blocks of a known kind that hold no packet: names, statistics, custom, secrets, journal. Passed over.</summary>
    public long OtherBlocks { get; private set; }

    /// <summary>Blocks of an unknown type, passed over.</summary>
    public long UnknownBlocks { get; private set; }

    /// <summary>Blocks whose content contradicts their length: packets passed over, interfaces kept without a clock.</summary>
    public long DamagedBlocks { get; private set; }

    /// <summary>The comment (opt_comment) of the first section header; empty where it has none.</summary>
    public string SectionComment { get; private set; } = "";

    /// <summary>Whether the file says that this engine recorded it.</summary>
    public bool IsRecording { get; private set; }

    /// <summary>Index of the current packet's interface in its section, or <see cref="PacketReader.NoInterface"/>.</summary>
    public int InterfaceIndex { get; private set; }

    /// <summary>The name of an interface of the section at hand in UTF-8, over the file's own memory; empty where it has none.</summary>
    /// <param name="index"><see cref="InterfaceIndex"/>; one that is not described has no name.</param>
    public ReadOnlySpan<byte> InterfaceName(int index) => (uint)index < (uint)_interfaceCount ? _interfaces[index].Name : default;

    /// <summary>Whether a file begins as pcapng does; a cut one may.</summary>
    public static bool IsOne(CaptureFile file) =>
        file.Length >= 4 && Unsafe.ReadUnaligned<uint>(file.Start) == SectionHeader; // SAFETY: four bytes are there.

    /// <inheritdoc/>
    public override void Advance()
    {
        // At most one turn for each MinBlock bytes that are left.
        while (true)
        {
            byte* block = At;
            long room = End - block;
            if (room < MinBlock)
            {
                Stop(new CaptureDamage(room == 0 ? DamageKind.None : DamageKind.CutBlock));
                return;
            }

            File.ReadAhead(block);
            uint type = U32(block);
            if (type == SectionHeader)
            {
                CaptureDamage damage = RefuseSection(block);
                if (damage.Kind != DamageKind.None)
                {
                    Stop(damage);
                    return;
                }
            }

            uint length = U32(block + 4);
            if (length is < MinBlock or > MaxBlock || length > room || (length & 3) != 0 || U32(block + length - BlockTail) != length)
            {
                Stop(LengthDamage(block, length, room));
                return;
            }

            At = block + length;
            if (Take(type, block + BlockHead, (int)length - MinBlock))
            {
                HasRecord = true;
                return;
            }
        }
    }

    /// <inheritdoc/>
    public override void AddCounts(FeedStatistics statistics)
    {
        statistics.OtherBlocks += OtherBlocks;
        statistics.UnknownBlocks += UnknownBlocks;
        statistics.DamagedBlocks += DamagedBlocks;
    }

    /// <summary>Takes a block; true when it was a packet, which is now the current one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Take(uint type, byte* body, int length) =>
        type == EnhancedPacket && length >= PacketHead ? TakePacket(U32(body), body, length) : TakeOther(type, body, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakePacket(uint index, byte* body, int length)
    {
        // SAFETY: the body holds the packet's head; captured bytes are checked against the body.
        ulong ticks = ((ulong)U32(body + 4) << 32) | U32(body + 8);
        uint captured = U32(body + 12);
        if (captured > (uint)(length - PacketHead))
        {
            DamagedBlocks++;
            return false;
        }

        LinkType = NoInterface;
        InterfaceIndex = NoInterface;
        Role = InterfaceRole.Line;
        HasGoodTime = false;
        if (index < (uint)_interfaceCount)
        {
            ref PcapngInterface source = ref _interfaces[index];
            InterfaceIndex = (int)index;
            LinkType = source.LinkType;
            Role = IsRecording ? source.Role : InterfaceRole.Line;
            RecordedLine = IsRecording ? (int)index : 0;
            if (source.TryNanos(ticks, out long time))
            {
                Time = time;
                HasGoodTime = true;
                HasClock = true;
            }
        }

        Data = body + PacketHead;
        Length = (int)captured;
        IsTruncated = captured < U32(body + 16);
        return true;
    }

    /// <summary>Everything but the enhanced packet of ordinary size.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeOther(uint type, byte* body, int length)
    {
        switch (type)
        {
            case ObsoletePacket when length >= PacketHead:
                return TakePacket(U16(body), body, length);
            case SimplePacket when length >= 4:
                return TakeSimple(body, length);
            case EnhancedPacket or ObsoletePacket or SimplePacket:
                DamagedBlocks++;
                return false;
            case SectionHeader:
                if (Sections++ == 0 && length >= SectionHead)
                {
                    // SAFETY: the options lie behind the section's own fields, within its body.
                    SectionComment = Encoding.UTF8.GetString(PcapngInterface.FindOption(CommentOption, body + SectionHead, body + length, IsSwapped));
                    IsRecording = SectionComment.StartsWith(RecordedInterface.CommentPrefix, StringComparison.Ordinal);
                }

                _interfaceCount = 0;
                return false;
            case InterfaceDescription:
                AddInterface(PcapngInterface.Read(body, length, IsSwapped));
                return false;
            case NameResolution or InterfaceStatistics or Journal or DecryptionSecrets or Custom or CustomNotCopied:
                OtherBlocks++;
                return false;
            default:
                UnknownBlocks++;
                return false;
        }
    }

    /// <summary>A packet with its length on the wire only: the interface is the first, the time stays that of the packet before.</summary>
    private bool TakeSimple(byte* body, int length)
    {
        uint onWire = U32(body);
        uint snap = _interfaceCount > 0 ? _interfaces[0].SnapLength : 0;
        uint captured = snap == 0 ? onWire : Math.Min(onWire, snap);
        if (captured > (uint)(length - 4))
        {
            DamagedBlocks++;
            return false;
        }

        Role = InterfaceRole.Line;
        LinkType = _interfaceCount > 0 ? _interfaces[0].LinkType : NoInterface;
        InterfaceIndex = _interfaceCount > 0 ? 0 : NoInterface;
        HasGoodTime = false;
        Data = body + 4;
        Length = (int)captured;
        IsTruncated = captured < onWire;
        return true;
    }

    private void AddInterface(in PcapngInterface description)
    {
        Interfaces++;
        DamagedBlocks += description.IsDamaged ? 1 : 0;
        if (_interfaceCount < MaxInterfaces)
        {
            _interfaces[_interfaceCount++] = description;
        }
    }

    /// <summary>Reads a section's byte order and version; what is answered says why it cannot be read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private CaptureDamage RefuseSection(byte* block)
    {
        // SAFETY: MinBlock bytes are there, so the magic is; the version is read only where the whole head is.
        uint magic = Unsafe.ReadUnaligned<uint>(block + BlockHead);
        if (magic is not (ByteOrder or ByteOrderSwapped))
        {
            return new CaptureDamage(DamageKind.SectionMagic, First: magic);
        }

        IsSwapped = magic == ByteOrderSwapped;
        if (End - block < MinSection)
        {
            return new CaptureDamage(DamageKind.CutBlock);
        }

        uint length = U32(block + 4);
        int major = U16(block + 12);
        return length < MinSection ? new CaptureDamage(DamageKind.SectionLength, First: length)
            : major != 1 ? new CaptureDamage(DamageKind.SectionVersion, First: major)
            : default;
    }

    private CaptureDamage LengthDamage(byte* block, uint length, long room) =>
        length is < MinBlock or > MaxBlock || (length & 3) != 0 ? new CaptureDamage(DamageKind.BlockLength, First: length)
        : length > room ? new CaptureDamage(DamageKind.CutBlock)
        : new CaptureDamage(DamageKind.BlockLengths, First: length, Second: U32(block + length - BlockTail));

    /// <summary>Gives packets without a time at the file's beginning the first time that the file has, if it is near.</summary>
    private void SeekClock()
    {
        if (!HasRecord || HasClock)
        {
            return;
        }

        for (int i = 0; i < MaxLookAhead && HasRecord && !HasClock; i++)
        {
            Advance();
        }

        At = File.Start;
        Sections = Interfaces = OtherBlocks = UnknownBlocks = DamagedBlocks = 0;
        Damage = default;
        Advance();
    }
}
