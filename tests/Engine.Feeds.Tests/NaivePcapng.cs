using System.Numerics;

namespace Engine.Feeds.Tests;

/// <summary>
/// A slow reading of undamaged pcapng files: lists, copies and big integers, nothing shared with the reader under test.
/// </summary>
internal sealed class NaivePcapng
{
    private readonly byte[] _bytes;
    private readonly List<(int Link, uint Snap, BigInteger Numerator, BigInteger Denominator, BigInteger Offset)> _interfaces = [];
    private bool _big;

    public NaivePcapng(byte[] bytes)
    {
        _bytes = bytes;
        int at = 0;
        while (at < bytes.Length)
        {
            if (Number(at, 4, true) == 0x0A0D0D0A)
            {
                _big = bytes[at + 8] == 0x1A;
            }

            int type = (int)Number(at, 4);
            int length = (int)Number(at + 4, 4);
            Ends.Add(at + length);
            Read(type, at + 8, length - 12);
            at += length;
        }
    }

    /// <summary>Blocks by the abbreviations that the descriptions use.</summary>
    public List<string> Blocks { get; } = [];

    /// <summary>Byte behind each block.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>Packets; time null where there is none, link −1 where there is no interface.</summary>
    public List<(BigInteger? Nanos, int Link, byte[] Data, bool Truncated)> Packets { get; } = [];

    private void Read(int type, int body, int length)
    {
        Blocks.Add(type switch
        {
            0x0A0D0D0A => "SHB", 1 => "IDB", 2 => "PB", 3 => "SPB", 4 => "NRB", 5 => "ISB", 6 => "EPB", 0xBAD => "CB", 0x40000BAD => "DCB", _ => "?",
        });
        switch (Blocks[^1])
        {
            case "SHB":
                _interfaces.Clear();
                break;
            case "IDB":
                Describe(body, length);
                break;
            case "SPB":
                uint wire = (uint)Number(body, 4);
                uint kept = _interfaces.Count > 0 && _interfaces[0].Snap > 0 ? Math.Min(wire, _interfaces[0].Snap) : wire;
                Packets.Add((null, _interfaces.Count > 0 ? _interfaces[0].Link : -1, Slice(body + 4, kept), kept < wire));
                break;
            case "EPB" or "PB":
                int source = (int)Number(body, Blocks[^1] == "PB" ? 2 : 4);
                BigInteger ticks = (Number(body + 4, 4) << 32) + Number(body + 8, 4);
                uint captured = (uint)Number(body + 12, 4);
                bool cut = captured < (uint)Number(body + 16, 4);
                bool known = source < _interfaces.Count;
                BigInteger? nanos = known ? Floor(ticks * _interfaces[source].Numerator, _interfaces[source].Denominator) + _interfaces[source].Offset : null;
                Packets.Add((nanos, known ? _interfaces[source].Link : -1, Slice(body + 20, captured), cut));
                break;
        }
    }

    private void Describe(int body, int length)
    {
        int resolution = 6;
        long offset = 0;
        for (int at = body + 8; at + 4 <= body + length && Number(at, 2) != 0; at += 4 + (((int)Number(at + 2, 2) + 3) / 4 * 4))
        {
            switch ((int)Number(at, 2))
            {
                case 9:
                    resolution = _bytes[at + 4];
                    break;
                case 14:
                    offset = (long)(ulong)Number(at + 4, 8);
                    break;
            }
        }

        BigInteger denominator = resolution < 128 ? BigInteger.Pow(10, resolution) : BigInteger.Pow(2, resolution - 128);
        BigInteger second = BigInteger.Pow(10, 9);
        _interfaces.Add(((int)Number(body, 2), (uint)Number(body + 4, 4), second, denominator, offset * second));
    }

    private byte[] Slice(int at, uint count) => _bytes.AsSpan(at, (int)count).ToArray();

    private BigInteger Number(int at, int size, bool? big = null) => new(_bytes.AsSpan(at, size), isUnsigned: true, isBigEndian: big ?? _big);

    private static BigInteger Floor(BigInteger dividend, BigInteger divisor) => BigInteger.Divide(dividend, divisor); // Both are positive.
}
