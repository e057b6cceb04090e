using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests;

/// <summary>ITCH messages for tests that need traffic rather than exact vectors.</summary>
internal static class ItchBytes
{
    public static byte[] Head(char type, int locate, ulong time) =>
        [(byte)type, .. Big((ulong)locate, 2), 0, 7, .. Big(time, 6)];

    public static byte[] Add(ulong order, int locate = 5, string symbol = "AAPL", char side = 'B', uint shares = 100, uint price = 1_234_500, ulong time = 1_000) =>
        [.. Head('A', locate, time), .. Big(order, 8), (byte)side, .. Big(shares, 4), .. Symbol(symbol), .. Big(price, 4)];

    public static byte[] Delete(ulong order, int locate = 5, ulong time = 1_000) => [.. Head('D', locate, time), .. Big(order, 8)];

    public static byte[] SystemEvent(char code, ulong time = 500) => [.. Head('S', 0, time), (byte)code];

    public static byte[] Symbol(string symbol) => System.Text.Encoding.ASCII.GetBytes(symbol.PadRight(8));

    public static byte[] BinaryFile(params byte[][] messages) => [.. messages.SelectMany(m => Big((ulong)m.Length, 2).Concat(m))];

    /// <summary>Messages with order ids from <paramref name="first"/> on.</summary>
    public static byte[][] Adds(ulong first, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Add(first + (ulong)i, time: 1_000 + first + (ulong)i))];
}
