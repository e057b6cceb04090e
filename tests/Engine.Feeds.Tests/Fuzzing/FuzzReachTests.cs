using Engine.Fuzz.Running;
using Engine.Fuzz.Targets;

namespace Engine.Feeds.Tests.Fuzzing;

/// <summary>The generators reach what they are for: a target whose packets are all refused at the door tests nothing.</summary>
public class FuzzReachTests
{
    private static readonly string[] s_packets = ["other_udp_packets", "bad_sequence_packets", "truncated_packets", "bad_time_packets", "non_ip_packets", "short_packets"];
    private static readonly string[] s_sequences = ["gaps", "lost", "duplicates", "restarts"];
    private static readonly string[] s_messages = ["unknown_messages", "short_messages", "long_messages", "messages_cut_off"];

    [TestCase("itch50", "empty_messages", "bad_side", "refused_packets", "fragment_packets")]
    [TestCase("xdp", "bad_side", "retransmission_packets", "refresh_packets", "failover_packets", "unmapped_messages", "prices_without_scale", "times_without_reference")]
    [TestCase("iex-deep", "empty_messages", "prices_out_of_range", "bad_stream_offsets")]
    public void Packets_of_a_venue_reach_every_counter(string name, params string[] own)
    {
        Dictionary<string, long> counted = [];
        long packets = 0, feed = 0, messages = 0, events = 0;
        PacketTarget target = Target(name);
        for (ulong seed = 1; seed <= 60; seed++)
        {
            target.Run(Batch(seed, target));
            foreach ((string irregularity, long count) in target.Statistics.Irregularities())
            {
                counted[irregularity] = counted.GetValueOrDefault(irregularity) + count;
            }

            packets += target.Statistics.Packets;
            feed += target.Statistics.FeedPackets;
            messages += target.Statistics.Messages;
            events += target.Statistics.Events;
        }

        TestContext.Out.WriteLine($"{packets:N0} packets, {feed:N0} of the feed, {messages:N0} messages, {events:N0} events");
        TestContext.Out.WriteLine(string.Join(", ", counted.Select(one => $"{one.Key} {one.Value:N0}")));
        Assert.That(counted.Keys, Is.SupersetOf(s_packets.Concat(s_sequences).Concat(s_messages).Concat(own)));
        Assert.That(feed, Is.GreaterThan(packets / 2));
        Assert.That(messages, Is.GreaterThan(packets));
    }

    [Test]
    public void The_orderly_stream_is_whole()
    {
        PacketTarget target = Target("sessions");
        target.Run(Batch(1, target));
        FeedStatistics s = target.Statistics;
        TestContext.Out.WriteLine(string.Join(", ", s.Irregularities().Select(one => $"{one.Key} {one.Value:N0}")));
        Assert.That((s.FeedPackets, s.MalformedMessages + s.UnknownMessages), Is.EqualTo((s.Packets, 0L)));
        Assert.That(s.Irregularities().Select(one => one.Key), Is.EquivalentTo(s_sequences.Append("refused_instruments").Append("refused_events")));
    }

    [Test]
    public void A_batch_is_the_same_again()
    {
        PacketTarget first = Target("itch50");
        PacketTarget second = Target("itch50");
        first.Run(Batch(1, first));
        first.Run(Batch(5, first));
        second.Run(Batch(5, second));
        Assert.That(second.Statistics.Irregularities(), Is.EqualTo(first.Statistics.Irregularities()));
        Assert.That(second.Statistics.MessagesByType, Is.EqualTo(first.Statistics.MessagesByType));
    }

    private static PacketTarget Target(string name) => (PacketTarget)FuzzTargets.Named(name).Single();

    private static FuzzBatch Batch(ulong seed, PacketTarget target) => new(seed, target.CasesPerBatch, 0, null);
}
