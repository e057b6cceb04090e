using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>Where in an instrument's row the sums of each traded window stand, so that those of a window that changed are written at once.</summary>
internal sealed unsafe class TradedColumns
{
    private readonly Window[] _windows;

    /// <param name="families">The families that show the windows.</param>
    /// <param name="spareAt">Offset in a block of room for a column that no family shows, bytes.</param>
    public TradedColumns(TradedVolume[] families, int spareAt)
    {
        _windows = new Window[families.Length == 0 ? 0 : families.Max(f => f.Windows.Max()) + 1];
        Array.Fill(_windows, new Window(spareAt, spareAt, spareAt, spareAt));
        foreach (TradedVolume family in families)
        {
            for (int column = 0; column < family.Windows.Length; column++)
            {
                ref Window window = ref _windows[family.Windows[column]];
                window = window.With(family.IsBuy, family.IsCount, family.ColumnsAt + (column * sizeof(float)));
            }
        }
    }

    /// <summary>Writes the sums of windows.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="trades">The sums.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="windows">The windows, a bit each.</param>
    public void Write(byte* block, TradeWindows trades, int instrument, uint windows)
    {
        for (; windows != 0; windows &= windows - 1)
        {
            // SAFETY: the columns, and the spare room, lie in the block.
            int w = BitOperations.TrailingZeroCount(windows);
            Window at = _windows[w];
            Vector128<float> sums = Singles(trades.Sums(instrument, w));
            *(float*)(block + at.BuyVolume) = sums.ToScalar();
            *(float*)(block + at.SellVolume) = sums.GetElement(1);
            *(float*)(block + at.BuyCount) = sums.GetElement(2);
            *(float*)(block + at.SellCount) = sums.GetElement(3);
        }
    }

    /// <summary>Four integers as floats, each rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Singles(long* values)
    {
        // SAFETY: there are four.
        return Avx512DQ.VL.IsSupported
            ? Avx512DQ.VL.ConvertToVector128Single(Vector256.Load(values))
            : Vector128.Create((float)values[0], values[1], values[2], values[3]);
    }

    /// <summary>Where the sums of a window stand: offsets in a block, bytes.</summary>
    private readonly record struct Window(int BuyVolume, int SellVolume, int BuyCount, int SellCount)
    {
        public Window With(bool buy, bool count, int at) => (buy, count) switch
        {
            (true, false) => this with { BuyVolume = at },
            (false, false) => this with { SellVolume = at },
            (true, true) => this with { BuyCount = at },
            (false, true) => this with { SellCount = at },
        };
    }
}
