using System.Text;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Live;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Live;

[TestFixture]
internal sealed class SoupBinTcpTests
{
    [Test]
    public void A_login_lies_as_the_protocol_draws_it()
    {
        byte[] packet = new byte[SoupBinTcp.LoginSize];
        int length = SoupBinTcp.WriteLogin(packet, "me", "secret", "S1", 1);
        Assert.That(length, Is.EqualTo(49));
        Assert.That(Encoding.ASCII.GetString(packet, 2, 47), Is.EqualTo("Lme    secret            S1" + "                   1"));
        Assert.That(packet[..2], Is.EqualTo(new byte[] { 0, 47 }));
    }

    [Test]
    public void An_acceptance_lies_as_the_protocol_draws_it()
    {
        byte[] packet = new byte[40];
        Assert.That(SoupBinTcp.WriteLoginAccepted(packet, "0123456789", ulong.MaxValue), Is.EqualTo(33));
        Assert.That(Encoding.ASCII.GetString(packet, 0, 33), Is.EqualTo("\0\u001fA0123456789" + "18446744073709551615"));
    }

    [TestCase("                   0", true, 0UL)]
    [TestCase("00000000000000000042", true, 42UL)]
    [TestCase("42                  ", true, 42UL)]
    [TestCase("18446744073709551615", true, ulong.MaxValue)]
    [TestCase("18446744073709551616", false, 0UL)]
    [TestCase("                  -1", false, 0UL)]
    [TestCase("                  +1", false, 0UL)]
    [TestCase("                 4 2", false, 0UL)]
    [TestCase("                 4x2", false, 0UL)]
    [TestCase("                    ", false, 0UL)]
    [TestCase("", false, 0UL)]
    public void Numbers_are_digits_between_blanks(string field, bool isNumber, ulong expected)
    {
        Assert.That(SoupBinTcp.TryNumber(Encoding.ASCII.GetBytes(field), out ulong number), Is.EqualTo(isNumber));
        Assert.That(isNumber ? number : 0, Is.EqualTo(expected));
    }

    [Test]
    public void Numbers_of_any_size_come_back([ValueSource(nameof(FewSeeds))] ulong seed)
    {
        SeededRandom random = new(seed);
        for (int i = 0; i < 1_000; i++)
        {
            ulong number = random.NextUInt64() >> random.Next(64);
            byte[] field = Encoding.ASCII.GetBytes(new string(' ', 20));
            SoupBinTcp.PutNumber(field, number);
            Assert.That(Encoding.ASCII.GetString(field), Is.EqualTo(number.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(20)));
            Assert.That(SoupBinTcp.TryNumber(field, out ulong back) ? back : ~number, Is.EqualTo(number), $"seed {seed}");
        }
    }

    [Test]
    public void Packets_come_back_and_a_cut_one_waits([ValueSource(nameof(FewSeeds))] ulong seed)
    {
        SeededRandom random = new(seed);
        for (int i = 0; i < 300; i++)
        {
            byte[] payload = new byte[random.Chance(0.02) ? SoupBinTcp.MaxPayload : random.Next(60)];
            random.NextBytes(payload);
            byte type = (byte)random.Next(256);
            byte[] packet = new byte[SoupBinTcp.HeadSize + payload.Length];
            Assert.That(SoupBinTcp.Write(packet, type, payload), Is.EqualTo(packet.Length));
            Assert.That(packet, Is.EqualTo(SoupServer.Packet((char)type, payload)));

            SoupResult result = SoupBinTcp.TryRead([.. packet, .. payload], out SoupPacket read, out int consumed);
            Assert.That((result, read.Type, consumed), Is.EqualTo((SoupResult.Packet, type, packet.Length)), $"seed {seed}");
            Assert.That(read.Payload.ToArray(), Is.EqualTo(payload));

            int cut = random.Next(packet.Length);
            Assert.That((SoupBinTcp.TryRead(packet.AsSpan(0, cut), out _, out consumed), consumed), Is.EqualTo((SoupResult.Incomplete, 0)), $"seed {seed}");
        }
    }

    [Test]
    public void Noise_is_framed_as_a_naive_reader_does([ValueSource(nameof(FewSeeds))] ulong seed)
    {
        SeededRandom random = new(seed);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            for (int b = 0; b < bytes.Length; b++)
            {
                bytes[b] = random.Chance(0.5) ? (byte)(bytes[b] & 3) : bytes[b];
            }

            Assert.That(Read(bytes), Is.EqualTo(NaiveRead(bytes)), $"seed {seed}, {Convert.ToHexString(bytes)}");
        }
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => SoupBinTcp.Write(new byte[5], (byte)'S', [1, 2, 3]), Throws.ArgumentException);
            Assert.That(() => SoupBinTcp.Write(new byte[70_000], (byte)'S', new byte[65_535]), Throws.ArgumentException);
            Assert.That(() => SoupBinTcp.WriteLogin(new byte[49], "sevenup", "", "", 1), Throws.ArgumentException);
            Assert.That((SoupBinTcp.Fits("abcdef", 6), SoupBinTcp.Fits("abcdefg", 6), SoupBinTcp.Fits("ä", 6), SoupBinTcp.Fits("", 6)), Is.EqualTo((true, false, false, true)));
        });
    }

    private static IEnumerable<ulong> FewSeeds() => Seeds.Take(3);

    private static string Read(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        while (true)
        {
            SoupResult result = SoupBinTcp.TryRead(bytes, out SoupPacket packet, out int consumed);
            text.Append(result).Append(' ');
            if (result != SoupResult.Packet)
            {
                return text.ToString();
            }

            text.Append(packet.Type).Append(':').Append(Convert.ToHexString(packet.Payload)).Append(' ');
            bytes = bytes[consumed..];
        }
    }

    private static string NaiveRead(byte[] bytes)
    {
        List<byte> left = [.. bytes];
        StringBuilder text = new();
        while (left.Count >= 2 && (left[0] * 256) + left[1] is int length && length > 0 && left.Count >= length + 2)
        {
            text.Append("Packet ").Append(left[2]).Append(':').Append(Convert.ToHexString([.. left.Skip(3).Take(length - 1)])).Append(' ');
            left.RemoveRange(0, length + 2);
        }

        return text.Append(left.Count >= 2 && left[0] == 0 && left[1] == 0 ? "Invalid " : "Incomplete ").ToString();
    }
}
