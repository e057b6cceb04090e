using Engine.Feeds.Network.Recovery;
using static Engine.Feeds.Tests.Recovery.RecoveryText;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>A clock beyond the days that can be told.</summary>
public class LateClockTests
{
    [Test]
    public void A_packet_of_the_last_day_of_64_bits_has_no_date()
    {
        Feed.Result result = RecoveryRun.Play(GapPolicy.None, Step.Packet(long.MaxValue - 1, TrueStream.Adds(3).Pack(1, 3)));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3"));
        Assert.That((result.Date, result.DateSource), Is.EqualTo(((DateOnly?)null, "none")));
    }
}
