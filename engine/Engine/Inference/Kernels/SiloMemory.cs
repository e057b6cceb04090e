using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Memory;

namespace Engine.Inference.Kernels;

/// <summary>
/// What a silo kernel keeps of each instrument: its last row (as it came), the embeddings and the output that followed. One piece
/// of memory an instrument, allocated and touched by the constructor, and one more for rows of instruments that have none.
/// </summary>
/// <remarks>
/// <code>
///  0            row                embeddings            16 floats before the end
///  +------------+------------------+---------------------+--------+----------+------+
///  | features, padded to 16        | as the packer says  | output | is known | 0 …  |
///  +-------------------------------+---------------------+--------+----------+------+
/// </code>
/// </remarks>
internal sealed unsafe class SiloMemory : IDisposable
{
    /// <summary>Most bytes of all pieces; where a network is so wide that fewer instruments fit, fewer have one.</summary>
    public const long MaxBytes = 256L << 20;

    private const int CacheLine = 16;

    private readonly NativeBuffer<float> _memory;
    private readonly float* _start;
    private readonly int _stateAt;
    private readonly nint _stride;
    private bool _isAnyKnown;

    /// <param name="floats">Floats of a row and its embeddings.</param>
    /// <param name="instruments">Pieces, if they fit; 0 for none.</param>
    public SiloMemory(int floats, int instruments)
    {
        _stateAt = (floats + CacheLine - 1) / CacheLine * CacheLine;
        _stride = _stateAt + CacheLine;
        Instruments = instruments == 0 ? 0 : (int)Math.Clamp(MaxBytes / BytesPerInstrument, 1, instruments);
        _memory = new NativeBuffer<float>(checked((Instruments + 1) * (int)_stride));
        _start = _memory.Pointer;

        // Every page is there before the first row.
        _memory.Span.Clear();
    }

    /// <summary>What followed from the row.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct State
    {
        /// <summary>The prediction.</summary>
        public float Output;

        /// <summary>1 once there was a row; 0 before.</summary>
        public int IsKnown;
    }

    /// <summary>Pieces, the one for the others not counted.</summary>
    public int Instruments { get; }

    /// <summary>Bytes of a piece.</summary>
    public long BytesPerInstrument => _stride * sizeof(float);

    /// <summary>The memory of one instrument.</summary>
    /// <param name="slot">Below <see cref="Instruments"/>, or −1: a piece that never remembers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Of(int slot)
    {
        if (slot < 0)
        {
            slot = Instruments;
            StateOf(_start + (slot * _stride)).IsKnown = 0;
        }

        // SAFETY: there are Instruments + 1 pieces.
        return _start + (slot * _stride);
    }

    /// <summary>What followed from the row in a piece.</summary>
    // SAFETY: the caller passes the start of a piece; its last sixteen floats are the state's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref State StateOf(float* piece) => ref *(State*)(piece + _stateAt);

    /// <summary>There was a row, and its output is in the state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(ref State state)
    {
        state.IsKnown = 1;
        _isAnyKnown = true;
    }

    /// <summary>Forgets every row; where there was none it touches no piece.</summary>
    public void Forget()
    {
        if (!_isAnyKnown)
        {
            return;
        }

        _isAnyKnown = false;
        for (int slot = 0; slot <= Instruments; slot++)
        {
            // SAFETY: there are Instruments + 1 pieces.
            StateOf(_start + (slot * _stride)) = default;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
