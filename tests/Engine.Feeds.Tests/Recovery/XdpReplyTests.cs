using Engine.Core.Events;
using Engine.Feeds.Network.Recovery;
using static Engine.Feeds.Tests.Xdp.XdpBytes;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Answers to requests for messages of an XDP channel, which come on a line of their own and do not name it.</summary>
public class XdpReplyTests
{
    private const int One = 13, Several = 15, Heartbeat = 1;
    private static readonly GapPolicy s_policy = new() { WaitNanos = 1_000, Requests = 3, RequestTimeoutNanos = 10_000 };

    [Test]
    public void Answers_fill_the_hole_before_what_came_behind_it()
    {
        (Feed.Result result, ScriptedInput input) = Play(
            Step.Packet(Time, Start()), Step.Packet(Time + 1, Original(6, Adds(6, 2))), Step.Mark(Time + 2_000),
            Step.Reply(Time + 3_000, Packet(Several, 3, Adds(3, 2))), Step.Reply(Time + 3_001, Packet(Several, 5, Adds(5, 1))));
        FeedStatistics s = result.Statistics;
        Assert.Multiple(() =>
        {
            Assert.That(result.Orders, Is.EqualTo(new ulong[] { 3, 4, 5, 6, 7 }));
            Assert.That((input.Requests[0].From, input.Requests[0].Count), Is.EqualTo((3UL, 3UL)));
            Assert.That((s.Missing, s.Recovered, s.Lost, s.ReplyPackets, s.RetransmissionPackets), Is.EqualTo((3L, 3L, 0L, 2L, 0L)));
        });

        // The recording gives the same, whatever group the answers came to.
        Feed.Result again = RecoveryRun.Read(RecoveryRun.Options(s_policy), new ScriptedInput(input.Given, isRecording: true), Venue.Xdp);
        Assert.That(again.Events.ConvertAll(e => EventText.Of(e)), Is.EqualTo(result.Events.ConvertAll(e => EventText.Of(e))));
        Assert.That(RecoveryRun.Counters(again.Statistics), Is.EqualTo(RecoveryRun.Counters(s)));
    }

    [Test]
    public void Answers_in_the_wrong_order_are_held_for_their_turn()
    {
        (Feed.Result result, _) = Play(
            Step.Packet(Time, Start()), Step.Packet(Time + 1, Original(6, Adds(6, 1))),
            Step.Reply(Time + 2, Packet(Several, 5, Adds(5, 1))), Step.Reply(Time + 3, Packet(Several, 3, Adds(3, 2))));
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 3, 4, 5, 6 }));
        Assert.That((result.Statistics.Recovered, result.Statistics.Lost), Is.EqualTo((3L, 0L)));
    }

    [Test]
    public void What_others_asked_for_is_a_duplicate_and_what_nobody_announced_is_refused()
    {
        (Feed.Result result, _) = Play(
            Step.Packet(Time, Start()), Step.Packet(Time + 1, Original(3, Adds(3, 2))),
            Step.Reply(Time + 2, Packet(One, 3, Adds(3, 2))), Step.Reply(Time + 3, Packet(One, 50, Adds(50, 2))), Step.Packet(Time + 4, Original(5, Adds(5, 1))));
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 3, 4, 5 }));
        Assert.That((s.Duplicates, s.RefusedPackets, s.Lost, s.Missing), Is.EqualTo((2L, 1L, 0L, 0L)));
    }

    [Test]
    public void A_line_of_answers_gives_nothing_but_answers()
    {
        (Feed.Result result, _) = Play(
            Step.Packet(Time, Start()), Step.Packet(Time + 1, Original(4, Adds(4, 1))),
            Step.Reply(Time + 2, Packet(Heartbeat, 9)), Step.Reply(Time + 3, Original(3, Adds(3, 1))), Step.Reply(Time + 4, [1, 2, 3]));
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 4 }));
        Assert.That((s.Heartbeats, s.RefusedPackets, s.ShortPackets, s.Lost), Is.EqualTo((1L, 1L, 1L, 1L)));
    }

    [Test]
    public void Answers_are_refused_while_the_lines_carry_several_channels()
    {
        (Feed.Result result, _) = Play(
            Step.Packet(Time, Start()), Step.Packet(Time + 1, Original(3, Adds(300, 3)), 2), Step.Packet(Time + 2, Original(4, Adds(4, 1))),
            Step.Reply(Time + 3, Packet(One, 3, Adds(3, 1))));
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 300, 301, 302, 4 }), "nothing says which channel the answer is of");
        Assert.That((result.Statistics.RefusedPackets, result.Statistics.Lost), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void On_a_group_that_is_not_known_as_one_of_answers_they_are_passed_over()
    {
        (Feed.Result result, _) = Play(
            Step.Packet(Time, Start()), Step.Packet(Time + 1, Original(4, Adds(4, 1))), Step.Packet(Time + 2, Packet(One, 3, Adds(3, 1)), 7));
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 4 }));
        Assert.That(result.Statistics.RetransmissionPackets, Is.EqualTo(1));
    }

    private static byte[] Start() => Original(1, Mapping(), TimeReference());

    private static (Feed.Result Result, ScriptedInput Input) Play(params Step[] steps)
    {
        ScriptedInput input = new(steps);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), input, Venue.Xdp);
        RecoveryRun.AssertAddsUp(result.Statistics);
        return (result, input);
    }
}
