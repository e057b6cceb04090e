using System.Buffers.Binary;
using Engine.Feeds.BitMex;
using Engine.Feeds.Itch;

namespace Engine.Feeds.Captures;

/// <summary>What a capture's content is.</summary>
internal enum CaptureKind
{
    /// <summary>Packets: classic pcap with microseconds or nanoseconds, or pcapng.</summary>
    Pcap,

    /// <summary>NASDAQ BinaryFILE: u16 length and message, one after the other.</summary>
    BinaryFile,

    /// <summary>Text: the lines of a BitMEX session.</summary>
    BitMexText,
}

/// <summary>Tells a capture's format from its first bytes, and says what everything else is.</summary>
internal static class CaptureFormat
{
    /// <summary>Bytes that are looked at.</summary>
    public const int HeadSize = 4_096;

    private const int MessagesToTrust = 8;

    private static readonly (byte[] Magic, string Words)[] s_others =
    [
        ([0xA1, 0xB2, 0xCD, 0x34], "is a patched pcap variant: convert with editcap -F nsecpcap"),
        ([0x34, 0xCD, 0xB2, 0xA1], "is a patched pcap variant: convert with editcap -F nsecpcap"),
        ([0x1F, 0x8B], "is gzip inside gzip: decompress it once"),
        ([0x28, 0xB5, 0x2F, 0xFD], "is zstd-compressed: decompress it first (zstd -d)"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X'], "is xz-compressed: decompress it first (xz -d)"),
        ("BZh"u8.ToArray(), "is bzip2-compressed: decompress it first (bunzip2)"),
        ([(byte)'P', (byte)'K', 3, 4], "is a zip archive: unpack it first"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "is a PNG image, not a capture"),
        ([0xFF, 0xD8, 0xFF], "is a JPEG image, not a capture"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "is an HDF5 file, not a capture"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], "is a program, not a capture"),
        ("%PDF"u8.ToArray(), "is a PDF document, not a capture"),
        ("DBN"u8.ToArray(), "is Databento DBN, which is not read yet"),
    ];

    /// <summary>The format of a content that begins with <paramref name="head"/>.</summary>
    /// <param name="path">For the message.</param>
    /// <param name="head">Up to <see cref="HeadSize"/> bytes.</param>
    /// <param name="isNamed">The user named the venue: a BinaryFILE is believed after one good message, not only after eight.</param>
    /// <exception cref="CaptureException">Not a capture that can be read; the message says what it is.</exception>
    public static CaptureKind Detect(string path, ReadOnlySpan<byte> head, bool isNamed)
    {
        if (head.Length >= 4 && IsPcapMagic(BinaryPrimitives.ReadUInt32LittleEndian(head)))
        {
            return CaptureKind.Pcap;
        }

        foreach ((byte[] magic, string words) in s_others)
        {
            if (head.StartsWith(magic))
            {
                throw new CaptureException($"{path}: {words}", 2);
            }
        }

        if (IsBinaryFile(head, isNamed ? 1 : MessagesToTrust))
        {
            return CaptureKind.BinaryFile;
        }

        if (BitMexProbe.IsOne(head))
        {
            return CaptureKind.BitMexText;
        }

        string what = IsText(head) ? "is a text file" : "has an unknown format";
        throw new CaptureException($"{path}: {what}; expected a pcap or pcapng capture or a NASDAQ BinaryFILE or the lines of a BitMEX session, any of them perhaps in gzip", 2);
    }

    private static bool IsPcapMagic(uint magic) => magic is 0xA1B2C3D4 or 0xD4C3B2A1 or 0xA1B23C4D or 0x4D3CB2A1 or 0x0A0D0D0A;

    /// <summary>The first messages must chain by their lengths, each of a known type with that type's own length.</summary>
    private static bool IsBinaryFile(ReadOnlySpan<byte> head, int messagesToTrust)
    {
        int seen = 0;
        while (seen < messagesToTrust && head.Length >= 2)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(head);
            if (length == 0)
            {
                break;
            }

            if (head.Length == 2)
            {
                break;
            }

            if (length != ItchLayouts.WireLength(head[2]))
            {
                return false;
            }

            seen++;
            head = head[Math.Min(head.Length, 2 + length)..];
        }

        return seen > 0;
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (byte b in head)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C or 0x1B))
            {
                return false;
            }
        }

        return true;
    }
}
