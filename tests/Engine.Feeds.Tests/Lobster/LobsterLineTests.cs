using System.Text;
using Engine.Feeds.Lobster;

namespace Engine.Feeds.Tests.Lobster;

public class LobsterLineTests
{
    [TestCase("34713.685155243,1,206833312,100,118600,-1", 34_713_685_155_243, 1, 206_833_312, 100, 118_600, -1)]
    [TestCase("34200.1,4,16,18,5853300,1", 34_200_100_000_000, 4, 16, 18, 5_853_300, 1)]
    [TestCase("34200,5,0,18,5853300,1", 34_200_000_000_000, 5, 0, 18, 5_853_300, 1)]
    [TestCase("0.000000001000,7,0,0,-1,-1\r", 1, 7, 0, 0, -1, -1)]
    [TestCase("86399.999999999,3,1,2,3,1,null", 86_399_999_999_999, 3, 1, 2, 3, 1)]
    public void A_message_is_read_to_the_nanosecond(string line, long time, int type, long order, long size, long price, int direction)
    {
        Assert.That(TryRead(line, out LobsterMessage m), Is.True);
        Assert.That((m.Time, m.Type, m.Order, m.Size, m.Price, m.Direction), Is.EqualTo((time, (long)type, order, size, price, (long)direction)));
    }

    [TestCase("")]
    [TestCase("34200")]
    [TestCase("34200.,1,2,3,4,1")]
    [TestCase("-34200.5,1,2,3,4,1")]
    [TestCase(".5,1,2,3,4,1")]
    [TestCase("34200.0000000001,1,2,3,4,1")]
    [TestCase("3.42e4,1,2,3,4,1")]
    [TestCase("999999.5,1,2,3,4,1")]
    [TestCase("34200.5,1,2,3,4")]
    [TestCase("34200.5,1,2,3,4,")]
    [TestCase("34200.5,1,2,3,4,-")]
    [TestCase("34200.5,1,2,-3,4,1")]
    [TestCase("34200.5,1,2,3,4,1x")]
    [TestCase("34200.5,1,2, 3,4,1")]
    [TestCase("34200.5;1;2;3;4;1")]
    [TestCase("34200.5,1,9999999999999999999,3,4,1")]
    [TestCase("1618650000.12: {\"table\":1}")]
    public void What_is_no_message_is_refused(string line) => Assert.That(TryRead(line, out _), Is.False);

    [TestCase("AAPL_2012-06-21_34200000_57600000_message_10.csv", "AAPL", "2012-06-21", "AAPL_2012-06-21_34200000_57600000_orderbook_10.csv")]
    [TestCase("a/b/BRK_B_2012-06-21_1_2_message_1.csv.gz", "BRK_B", "2012-06-21", "a/b/BRK_B_2012-06-21_1_2_orderbook_1.csv.gz")]
    [TestCase("AAPL_message_10.csv", "AAPL", null, "AAPL_orderbook_10.csv")]
    [TestCase("AAPL_2012-13-21_1_2_message_10.csv", "AAPL", null, "AAPL_2012-13-21_1_2_orderbook_10.csv")]
    [TestCase("day.csv", "day", null, null)]
    [TestCase("-", "LOBSTER", null, null)]
    public void A_name_tells_symbol_date_and_the_orderbook_file(string path, string symbol, string? date, string? book)
    {
        LobsterName name = LobsterName.Of(path);
        Assert.That((name.Symbol, name.Date?.ToString("yyyy-MM-dd", null), name.BookPath), Is.EqualTo((symbol, date, book)));
    }

    private static unsafe bool TryRead(string line, out LobsterMessage message)
    {
        byte[] bytes = [.. Encoding.ASCII.GetBytes(line), (byte)'1'];
        fixed (byte* at = bytes)
        {
            return LobsterLine.TryRead(at, at + line.Length, out message);
        }
    }
}
