using Engine.Core.Memory;
using Engine.Feeds.BitMex;
using Engine.Feeds.BitMex.Live;

namespace Engine.Feeds.Tests.BitMex.Live;

/// <summary>A number of received lines of different lengths, the fifth as long as asked.</summary>
internal sealed unsafe class ScriptedLines : BitMexLines
{
    private readonly NativeBuffer<byte> _text;
    private readonly int _count;
    private readonly int _longest;
    private int _at;

    public ScriptedLines(int count, int longest = 400)
    {
        _text = new NativeBuffer<byte>(Math.Max(longest, 500));
        _text.Span.Fill((byte)'x');
        _count = count;
        _longest = longest;
    }

    public static BitMexLiveOptions Options { get; } = new() { Symbols = ["XBTUSD"], RingBytes = 1 << 20, MessageBytesMax = 1 << 16 };

    public override IReadOnlyList<CaptureIdentity> Captures => [];

    public override string Format => "script";

    public override BitMexNext Next()
    {
        if (_at == _count)
        {
            return BitMexNext.End;
        }

        Data = _text.Pointer;
        Length = _at == 4 ? _longest : _at * 7 % 500;
        Time = 1_700_000_000_000_000_000 + _at;
        HasGoodTime = true;
        _at++;
        return BitMexNext.Line;
    }

    public override void Dispose() => _text.Dispose();
}
