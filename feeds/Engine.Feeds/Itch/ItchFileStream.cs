using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Engine.Feeds.Captures;
using Engine.Feeds.Network;

namespace Engine.Feeds.Itch;

/// <summary>
/// Where the reading of one NASDAQ BinaryFILE stands.
/// </summary>
/// <remarks>
/// <code>
/// +------------+-----------------+------------+-----------------+ ... +------------+
/// | length u16 | message         | length u16 | message         |     | length 0   |
/// +------------+-----------------+------------+-----------------+ ... +------------+
/// </code>
/// Big-endian; the end record of length 0 may be missing. Layout: NASDAQ, BinaryFILE 1.00.
/// </remarks>
internal sealed unsafe class ItchFileStream
{
    /// <summary>The messages from here on; its count is never the limit.</summary>
    public MessageRun Run;

    private CaptureDamage _damage;

    /// <param name="file">The mapped content.</param>
    /// <param name="index">Its place in the order given; also its locate stream.</param>
    public ItchFileStream(CaptureFile file, int index)
    {
        File = file;
        Index = index;
        Run = new MessageRun { At = file.Start, End = file.Start + file.Length, Remaining = long.MaxValue, Sequence = 1 };
        StartsSession = file.Length >= 2 + 12 && file.Start[2] == 'S' && file.Start[2 + ItchLayouts.Head] == 'O';
    }

    /// <summary>The file.</summary>
    public CaptureFile File { get; }

    /// <summary>Its place in the order given.</summary>
    public int Index { get; }

    /// <summary>The first message says "start of messages".</summary>
    public bool StartsSession { get; set; }

    /// <summary>Nothing is left to read.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Why it ended, when not properly.</summary>
    public SourceFault? Fault => _damage.ToFault(File);

    /// <summary>The next message's time, ns since midnight; 0 when it is too short to have one.</summary>
    public long NextTime
    {
        get
        {
            // SAFETY: read only where a whole head is left behind the length prefix.
            return Run.End - Run.At < 2 + ItchLayouts.Head || Length < ItchLayouts.Head
                ? 0
                : (long)(BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(Run.At + 5)) & 0xFFFF_FFFF_FFFF);
        }
    }

    private int Length => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(Run.At));

    /// <summary>The decoder stopped: an end record, or the end of the bytes.</summary>
    /// <param name="statistics">Counts bytes behind an end record.</param>
    public void End(FeedStatistics statistics)
    {
        Run.Stopped = false;
        IsEnded = true;
        long offset = Run.At - File.Start;
        long left = Run.End - Run.At;

        // SAFETY: the length prefix is read only where two bytes are left.
        bool endRecord = left >= 2 && Length == 0;
        if (endRecord)
        {
            EndRecord(statistics, offset, left - 2);
        }
        else if (left > 0)
        {
            _damage = new CaptureDamage(DamageKind.CutMessage, offset);
            statistics.TrailingBytes += left;
        }
        else if (File.Damage is not null)
        {
            _damage = new CaptureDamage(DamageKind.Gzip, offset);
        }

        Run.At = Run.End;
    }

    /// <summary>Zeros behind the end record are padding; anything else was meant to be read.</summary>
    private void EndRecord(FeedStatistics statistics, long offset, long behind)
    {
        statistics.TrailingBytes += behind;
        for (byte* at = Run.At + 2; at < Run.End; at++)
        {
            if (*at != 0)
            {
                _damage = new CaptureDamage(DamageKind.BehindEndRecord, offset, behind);
                return;
            }
        }
    }
}
