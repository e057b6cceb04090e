namespace Engine.Feeds;

/// <summary>
/// What a source has seen. Every packet and every message is in exactly one of the counters that partition it, so nothing
/// disappears silently:
/// packets = decoded + those of each passed-over reason; messages = events' messages + unknown + malformed.
/// </summary>
public sealed class FeedStatistics
{
    /// <summary>Packets (capture records) read; 0 for files without packets.</summary>
    public long Packets { get; internal set; }

    /// <summary>Bytes of those packets, or of the messages with their length prefixes.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Market data packets: a feed header was read from them, heartbeats included.</summary>
    public long FeedPackets { get; internal set; }

    /// <summary>Events written, synthetic ones (gap, clear) included.</summary>
    public long Events { get; internal set; }

    /// <summary>Messages framed and not duplicates, whether they became events or not.</summary>
    public long Messages
    {
        get
        {
            long sum = EmptyMessages;
            foreach (long count in MessagesByType)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>Messages by their type byte, unknown and malformed ones included; 256 entries.</summary>
    public long[] MessagesByType { get; } = GC.AllocateArray<long>(256, pinned: true);

    /// <summary>Messages shorter than their type needs, by type byte: skipped, no event.</summary>
    public long[] ShortByType { get; } = new long[256];

    /// <summary>Messages longer than the layout known here, by type byte: decoded, the rest ignored.</summary>
    public long[] LongByType { get; } = new long[256];

    /// <summary>Messages of a type that no layout is known for, by type byte: skipped, no event.</summary>
    public long[] UnknownByType { get; } = new long[256];

    /// <summary>Messages whose side is neither buy nor sell: skipped, no event.</summary>
    public long BadSide { get; internal set; }

    /// <summary>Messages of length 0 inside a packet: skipped, no event.</summary>
    public long EmptyMessages { get; internal set; }

    /// <summary>Messages that a packet announced and that its bytes do not hold. They also show as lost, at the end if not
    /// before, unless another line supplies them.</summary>
    public long MessagesCutOff { get; internal set; }

    /// <summary>All messages skipped as malformed: short, empty, or with a bad side.</summary>
    public long MalformedMessages => Sum(ShortByType) + EmptyMessages + BadSide + BadActions + BadLines;

    /// <summary>DBN records whose action, and LOBSTER lines whose type, is none that is known: skipped.</summary>
    public long BadActions { get; internal set; }

    /// <summary>Lines of text that are not what the format says: skipped.</summary>
    public long BadLines { get; internal set; }

    /// <summary>Rows of LOBSTER order-book files that are not what their first one is: the book is in doubt from there on.</summary>
    public long BadRows { get; internal set; }

    /// <summary>Number of the first of those lines and rows in its file, from 1; 0 when there is none.</summary>
    public long FirstBadLine { get; internal set; }

    /// <summary>DBN records of known types that say nothing of a book or a trade, passed over; they are counted by type as well.</summary>
    public long PassedOverRecords { get; internal set; }

    /// <summary>DBN records of one price level among many: no event but a gap, since what they leave out is not known.</summary>
    public long LevelRecords { get; internal set; }

    /// <summary>DBN fills of an order whose cancel did not come within their event, or came when they were forgotten: nothing of the book traded by them.</summary>
    public long UnmatchedFills { get; internal set; }

    /// <summary>Price levels that came out of order in a record or row, or twice: put where they belong, or added up.</summary>
    public long UnsortedLevels { get; internal set; }

    /// <summary>DBN records without an exchange time or a receive time; their events are flagged.</summary>
    public long UndefinedTimes { get; internal set; }

    /// <summary>All messages of unknown types.</summary>
    public long UnknownMessages => Sum(UnknownByType);

    /// <summary>All messages longer than their layout.</summary>
    public long LongMessages => Sum(LongByType);

    /// <summary>Runs of missing messages.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Messages missing in those runs.</summary>
    public long Lost { get; internal set; }

    /// <summary>Holes: runs of messages that were not there when later ones came, and were waited for.</summary>
    public long Holes { get; internal set; }

    /// <summary>Messages missing in those holes when they were seen, and held ones of a stream that began again: each is recovered
    /// or lost in the end.</summary>
    public long Missing { get; internal set; }

    /// <summary>Missing messages that came while they were waited for: late, on the other line, in answer to a request, or within a
    /// snapshot.</summary>
    public long Recovered { get; internal set; }

    /// <summary>Packets held because messages before them were missing.</summary>
    public long HeldPackets { get; internal set; }

    /// <summary>Packets that found no room to be held: what was missing before them is lost, what was held before them is not.</summary>
    public long HoldOverflows { get; internal set; }

    /// <summary>Requests for missing messages that were due.</summary>
    public long Requests { get; internal set; }

    /// <summary>Packets that came in answer to them.</summary>
    public long ReplyPackets { get; internal set; }

    /// <summary>Snapshots taken.</summary>
    public long Snapshots { get; internal set; }

    /// <summary>Messages of those snapshots, and messages repeated on top of them; they are among the messages counted by type.</summary>
    public long SnapshotMessages { get; internal set; }

    /// <summary>Snapshots that were too old to be of use, or that the stream had outrun.</summary>
    public long UselessSnapshots { get; internal set; }

    /// <summary>Messages that had been seen before (the other line, a repetition, the tail of a session that was replaced).</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Streams whose sequence began again, under the same session or a new one.</summary>
    public long Restarts { get; internal set; }

    /// <summary>MoldUDP64 sessions that began while another went on: the venue's books are one set, so the start of one empties those of
    /// the other, and the same symbol of both is one instrument. Read them in separate runs.</summary>
    public long ConcurrentSessions { get; internal set; }

    /// <summary>Heartbeats.</summary>
    public long Heartbeats { get; internal set; }

    /// <summary>End-of-session packets.</summary>
    public long EndOfSession { get; internal set; }

    /// <summary>TCP packets, passed over.</summary>
    public long TcpPackets { get; internal set; }

    /// <summary>Packets that are not IP (ARP, LLDP, …), passed over.</summary>
    public long NonIpPackets { get; internal set; }

    /// <summary>IP packets that are neither UDP nor TCP, passed over.</summary>
    public long OtherIpPackets { get; internal set; }

    /// <summary>IP fragments, passed over.</summary>
    public long FragmentPackets { get; internal set; }

    /// <summary>UDP packets that carry another protocol, passed over.</summary>
    public long OtherUdpPackets { get; internal set; }

    /// <summary>Packets too short for their headers, or whose headers contradict themselves, passed over.</summary>
    public long ShortPackets { get; internal set; }

    /// <summary>Packets of a pcapng that name an interface which their section does not describe, or one beyond the most that
    /// are followed, passed over.</summary>
    public long NoInterfacePackets { get; internal set; }

    /// <summary>Packets of a pcapng from an interface whose link type is not read, passed over.</summary>
    public long OtherLinkPackets { get; internal set; }

    /// <summary>Blocks of a pcapng that hold no packet by their type (names, statistics, secrets, custom), passed over. Known
    /// at the end.</summary>
    public long OtherBlocks { get; internal set; }

    /// <summary>Blocks of a pcapng of unknown types, passed over. Known at the end.</summary>
    public long UnknownBlocks { get; internal set; }

    /// <summary>Blocks of a pcapng whose content contradicts their length: a packet that does not fit, passed over; an
    /// interface description, whose packets then have no time. Known at the end.</summary>
    public long DamagedBlocks { get; internal set; }

    /// <summary>Feed packets with a sequence that cannot be (0, or absurdly far ahead), passed over.</summary>
    public long BadSequencePackets { get; internal set; }

    /// <summary>Packets of a session or line beyond the most that are followed, and answers that nobody asked for, passed over.</summary>
    public long RefusedPackets { get; internal set; }

    /// <summary>Instruments beyond the most that are followed; one that was not named at first may count again with its symbol.</summary>
    public long RefusedInstruments { get; internal set; }

    /// <summary>Events of those instruments: written, with <see cref="Core.Events.MarketEvent.NoInstrument"/>.</summary>
    public long RefusedEvents { get; internal set; }

    /// <summary>Packets of which the capture holds only the beginning (its snap length); what is there is decoded.</summary>
    public long TruncatedPackets { get; internal set; }

    /// <summary>UDP packets without a time stamp, or with one that cannot be (a fraction of a second or more, a year after
    /// 2262); their events are flagged.</summary>
    public long BadTimePackets { get; internal set; }

    /// <summary>XDP packets that answer somebody's request on a group of their own, passed over.</summary>
    public long RetransmissionPackets { get; internal set; }

    /// <summary>XDP refresh packets: decoded, their events flagged, their sequence not followed.</summary>
    public long RefreshPackets { get; internal set; }

    /// <summary>XDP packets that say that the publisher has changed over; decoded.</summary>
    public long FailoverPackets { get; internal set; }

    /// <summary>XDP messages whose symbol index no mapping has named yet; decoded for an instrument without a name.</summary>
    public long UnmappedMessages { get; internal set; }

    /// <summary>Events that lack their price because the instrument's price scale is not known.</summary>
    public long PricesWithoutScale { get; internal set; }

    /// <summary>Events whose seconds come from their packet, because the venue has not sent a time reference yet.</summary>
    public long TimesWithoutReference { get; internal set; }

    /// <summary>Events that lack their price because it does not fit.</summary>
    public long PricesOutOfRange { get; internal set; }

    /// <summary>IEX segments whose stream offset is not where the one before ended, though the sequence is; decoded.</summary>
    public long BadStreamOffsets { get; internal set; }

    /// <summary>Bytes left over behind the last message of a packet or behind a file's end record.</summary>
    public long TrailingBytes { get; internal set; }

    /// <summary>What only a BitMEX session shows; null of any other feed.</summary>
    public BitMex.BitMexStatistics? BitMex { get; internal set; }

    /// <summary>Everything out of the ordinary that occurred, by name with its count; what did not occur is left out.</summary>
    public IEnumerable<KeyValuePair<string, long>> Irregularities()
    {
        (string Name, long Count)[] all =
        [
            ("gaps", Gaps), ("lost", Lost), ("duplicates", Duplicates), ("restarts", Restarts), ("concurrent_sessions", ConcurrentSessions),
            ("holes", Holes), ("missing", Missing), ("recovered", Recovered), ("hold_overflows", HoldOverflows),
            ("requests", Requests), ("reply_packets", ReplyPackets), ("snapshots", Snapshots), ("useless_snapshots", UselessSnapshots),
            ("unknown_messages", UnknownMessages), ("short_messages", Sum(ShortByType)), ("long_messages", LongMessages),
            ("empty_messages", EmptyMessages), ("bad_side", BadSide), ("bad_actions", BadActions), ("bad_lines", BadLines), ("bad_rows", BadRows),
            ("first_bad_line", FirstBadLine), ("passed_over_records", PassedOverRecords), ("level_records", LevelRecords), ("unmatched_fills", UnmatchedFills),
            ("unsorted_levels", UnsortedLevels), ("undefined_times", UndefinedTimes), ("messages_cut_off", MessagesCutOff),
            ("tcp_packets", TcpPackets), ("non_ip_packets", NonIpPackets), ("other_ip_packets", OtherIpPackets),
            ("fragment_packets", FragmentPackets), ("other_udp_packets", OtherUdpPackets), ("short_packets", ShortPackets),
            ("bad_sequence_packets", BadSequencePackets), ("refused_packets", RefusedPackets),
            ("refused_instruments", RefusedInstruments), ("refused_events", RefusedEvents),
            ("no_interface_packets", NoInterfacePackets), ("other_link_packets", OtherLinkPackets),
            ("unknown_blocks", UnknownBlocks), ("damaged_blocks", DamagedBlocks),
            ("truncated_packets", TruncatedPackets), ("bad_time_packets", BadTimePackets),
            ("retransmission_packets", RetransmissionPackets), ("refresh_packets", RefreshPackets),
            ("failover_packets", FailoverPackets), ("unmapped_messages", UnmappedMessages), ("prices_without_scale", PricesWithoutScale),
            ("times_without_reference", TimesWithoutReference), ("prices_out_of_range", PricesOutOfRange),
            ("bad_stream_offsets", BadStreamOffsets), ("trailing_bytes", TrailingBytes),
            .. BitMex?.Irregularities() ?? [],
        ];
        return all.Where(item => item.Count != 0).Select(item => KeyValuePair.Create(item.Name, item.Count));
    }

    /// <summary>Counts a message of an unknown type or an unknown length.</summary>
    /// <param name="type">The type's entry in the counters.</param>
    /// <param name="length">The message's length.</param>
    /// <param name="shortest">Length of the type's layout; 0 for an unknown type.</param>
    /// <param name="longest">Length of its later version; the same where there is one.</param>
    /// <returns>Whether it can be decoded: its layout is known and lies inside it.</returns>
    internal bool Accepts(int type, int length, int shortest, int longest)
    {
        if (shortest == 0)
        {
            UnknownByType[type]++;
            return false;
        }

        if (length < shortest)
        {
            ShortByType[type]++;
            return false;
        }

        LongByType[type] += length == shortest || length == longest ? 0 : 1;
        return true;
    }

    private static long Sum(long[] counts)
    {
        long sum = 0;
        foreach (long count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
