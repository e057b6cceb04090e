using System.Globalization;
using System.Text;
using Engine.Core.Numerics;
using Engine.Feeds.BitMex;
using Engine.Feeds.BitMex.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex.Live;

public class BitMexLineWriterTests
{
    private static IEnumerable<ulong> RandomSeeds() => Seeds.Take(4);

    private const string Address = "wss://ws.example.com/realtime";

    [TestCaseSource(nameof(RandomSeeds))]
    public void Lines_are_as_the_format_says(ulong seed)
    {
        SeededRandom random = new(seed);
        BitMexLineWriter text = new(new Uri(Address));
        byte[] buffer = new byte[1_000];
        for (int i = 0; i < 2_000; i++)
        {
            var kind = (BitMexLineKind)(i % 5);
            long time = (long)(random.NextUInt64() >> (1 + random.Next(63)));
            string json = kind == BitMexLineKind.Opened ? "" : $"{{\"x\":\"{new string('é', random.Next(100))}\"}}";
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            string line = Encoding.UTF8.GetString(buffer, 0, text.Write(kind, time, bytes, buffer));
            Assert.That(line, Is.EqualTo(Naive(kind, time, json)), $"seed {seed}");
            Assert.That(text.Bytes(kind, time, bytes.Length), Is.EqualTo(Encoding.UTF8.GetByteCount(line)), $"seed {seed}");
            Assert.That(Encoding.UTF8.GetByteCount(line), Is.LessThanOrEqualTo(bytes.Length + text.OverheadBytesMax));
        }
    }

    [Test]
    public void A_reason_is_one_bounded_line()
    {
        string reason = Encoding.UTF8.GetString(BitMexLineWriter.Reason(" lost:\r\n\tüber " + new string('x', 1_000)));
        Assert.That(reason, Does.StartWith("lost:   über xxx"));
        Assert.That(reason, Has.Length.LessThanOrEqualTo(240));
    }

    private static string Naive(BitMexLineKind kind, long time, string json)
    {
        string at = (time / 1e9m).ToString("0.000000000", CultureInfo.InvariantCulture);
        return kind switch
        {
            BitMexLineKind.Received => $"{at}: {json}\n",
            BitMexLineKind.Sent => $"{Address} <- {at}: {json}\n",
            BitMexLineKind.Opened => $"{Address} <-> {at}\n",
            BitMexLineKind.Closed => $"{Address} <!> {at}: {json}\n",
            _ => $"https://ws.example.com/realtime <!> {at}: {json}\n",
        };
    }
}
