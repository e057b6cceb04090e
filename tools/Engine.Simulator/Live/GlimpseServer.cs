using System.Globalization;
using System.Text;

namespace Engine.Simulator.Live;

/// <summary>
/// NASDAQ GLIMPSE 5.0: on login the market as of the latest published message, in ITCH messages, ended by
/// <code>
///  0       1                         21
///  +-------+-------------------------+
///  | 'G'   | sequence, 20 ASCII      |   the first message of the feed that the snapshot does not hold
///  +-------+-------------------------+
/// </code>
/// with the digits right-justified and padded with spaces, as SoupBinTCP writes its numbers. Source: NASDAQ GLIMPSE 5.0
/// specification. The market is kept here, built from the published bytes, brought forward when somebody logs in.
/// </summary>
public sealed class GlimpseServer : ISoupBinService
{
    /// <summary>Bytes of the message that ends a snapshot.</summary>
    public const int EndLength = 1 + SoupBinTcp.SequenceLength;

    private readonly Func<Publication> _publication;
    private readonly object _gate = new();
    private Publication? _applied;
    private ItchOrderMap _market = new();
    private int _appliedPackets;

    /// <param name="publication">The session of the moment.</param>
    public GlimpseServer(Func<Publication> publication) => _publication = publication;

    /// <summary>Snapshots taken.</summary>
    public long Snapshots { get; private set; }

    /// <summary>Messages in the feed that contradicted what was live; 0 for a sound feed.</summary>
    public long Contradictions
    {
        get
        {
            lock (_gate)
            {
                return _market.Contradictions;
            }
        }
    }

    /// <inheritdoc/>
    public SoupBinContent Open()
    {
        lock (_gate)
        {
            Publication publication = _publication();
            ulong next = BringForward(publication);
            var messages = new List<byte[]>(_market.Count);
            _market.Snapshot(message => messages.Add(message.ToArray()));
            byte[] end = new byte[EndLength];
            end[0] = (byte)'G';
            string digits = next.ToString(CultureInfo.InvariantCulture).PadLeft(SoupBinTcp.SequenceLength);
            Encoding.ASCII.GetBytes(digits, end.AsSpan(1));
            messages.Add(end);
            Snapshots++;
            return new SoupBinContent(publication.Protocol.Session, messages);
        }
    }

    private ulong BringForward(Publication publication)
    {
        if (!ReferenceEquals(_applied, publication))
        {
            _applied = publication;
            _market = new ItchOrderMap();
            _appliedPackets = 0;
        }

        // Publication is by whole packets, so the market always stands between two of them.
        ulong next = publication.NextSequence;
        PacketTape tape = publication.Tape;
        for (; _appliedPackets < tape.Count && tape.First(_appliedPackets) < next; _appliedPackets++)
        {
            ReadOnlySpan<byte> payload = tape.Payload(_appliedPackets);
            for (int at = MoldSession.HeadLength; at < payload.Length;)
            {
                int block = MoldSession.BlockLength(payload, at);
                _market.Apply(payload.Slice(at + MoldSession.BlockHeadLength, block - MoldSession.BlockHeadLength));
                at += block;
            }
        }

        return next;
    }
}
