using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Lobster;

/// <summary>The order-book file beside a message file: its row n is the top of the book after the message of line n.</summary>
internal sealed unsafe class LobsterBook : IDisposable
{
    /// <summary>Most levels a side.</summary>
    public const int MostLevels = 1_000;

    private const long PriceFactor = MarketEvent.PriceScale / 10_000;
    private const long MostPrice = long.MaxValue / PriceFactor;

    private readonly CaptureFile _file;
    private readonly byte* _end;
    private byte* _at;

    /// <param name="file">The mapped content; owned from here on.</param>
    /// <exception cref="CaptureException">Its first line is no row, or has more levels than are read.</exception>
    public LobsterBook(CaptureFile file)
    {
        _file = file;
        _at = file.Start;
        _end = file.Start + file.Length;
        int numbers = LobsterLine.CountNumbers(_at, LobsterLine.EndOf(_at, _end));
        if (numbers is 0 || numbers % 4 != 0 || numbers / 4 > MostLevels)
        {
            throw new CaptureException(
                $"{file.Path}: is no LOBSTER orderbook file of 1 to {MostLevels} levels by its first line; move it away to read the message file alone", 2);
        }

        Levels = numbers / 4;
    }

    /// <summary>The file.</summary>
    public CaptureFile File => _file;

    /// <summary>Levels a side.</summary>
    public int Levels { get; }

    /// <summary>No row is left.</summary>
    public bool IsEnded => _at == _end;

    /// <summary>Whether a whole row is left: one that ends with a line feed, unless that of its message is missing too.</summary>
    /// <param name="isLast">The message's line has no line feed.</param>
    public bool HasRow(bool isLast) => !IsEnded && (isLast || LobsterLine.EndOf(_at, _end) < _end);

    /// <summary>Steps over a row; answers its bytes.</summary>
    public long Skip()
    {
        byte* before = _at;
        _at = LobsterLine.EndOf(_at, _end);
        _at += _at < _end ? 1 : 0;
        return _at - before;
    }

    /// <summary>Reads a row into a new top of the book, and steps over it.</summary>
    /// <param name="top">Receives the levels.</param>
    /// <param name="bytes">Bytes of the row.</param>
    /// <returns>False for a row that is not what the first one was.</returns>
    public bool TryRead(LevelDiff top, out long bytes)
    {
        // SAFETY: the row lies in the mapped file, and nothing behind its end is read.
        _file.ReadAhead(_at);
        byte* at = _at;
        bytes = Skip();
        byte* end = _at > at && _at[-1] == '\n' ? _at - 1 : _at;
        end = end > at && end[-1] == '\r' ? end - 1 : end;
        top.Begin();
        for (int level = 0; level < Levels; level++)
        {
            if ((level > 0 && !LobsterLine.TryComma(ref at, end)) || !TryLevel(top, Side.Sell, ref at, end)
                || !LobsterLine.TryComma(ref at, end) || !TryLevel(top, Side.Buy, ref at, end))
            {
                return false;
            }
        }

        return at == end;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static bool TryLevel(LevelDiff top, Side side, ref byte* at, byte* end)
    {
        if (!LobsterLine.TryInteger(ref at, end, out long price) || !LobsterLine.TryComma(ref at, end)
            || !LobsterLine.TryInteger(ref at, end, out long size) || size < 0)
        {
            return false;
        }

        if (price is LobsterLine.NoAsk or LobsterLine.NoBid || size == 0)
        {
            return true;
        }

        if (price is > MostPrice or < -MostPrice)
        {
            return false;
        }

        top.Add(side, price * PriceFactor, size);
        return true;
    }
}
