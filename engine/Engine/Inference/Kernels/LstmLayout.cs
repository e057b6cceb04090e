namespace Engine.Inference.Kernels;

/// <summary>One LSTM layer packed for one instruction set, and where its part of a window and of a prepared step lies.</summary>
internal unsafe struct PackedLstm
{
    // SAFETY: the packer's memory, which lives as long as the runner that holds this.
    /// <summary>Block by block of units: the bias, a row for each unit of the hidden state, a row for each input (see LstmBlocks).</summary>
    public float* Weights;

    /// <summary>Inputs of a step.</summary>
    public int Inputs;

    /// <summary>Units.</summary>
    public int Units;

    /// <summary>Registers that hold all units.</summary>
    public int Blocks;

    /// <summary>Floats of one block's weights.</summary>
    public int BlockFloats;

    /// <summary>Where a window keeps the hidden state, floats from its start.</summary>
    public int HiddenAt;

    /// <summary>Where a window keeps the cell state.</summary>
    public int CellAt;

    /// <summary>Where a prepared step keeps this layer's sums.</summary>
    public int PreparedAt;
}
