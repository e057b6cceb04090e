namespace Engine.Training.Kernels;

/// <summary>
/// What the forward pass of a chunk of windows leaves for the backward one, and where: `rows` windows, `units` rounded up to groups of
/// sixteen, `inputs` numbers a tick.
/// </summary>
/// <remarks>
/// <code>
/// gates   [step][group][row][input │ output │ forget │ cell, 16 units each]     the backward pass puts their sums' gradients in place
/// hidden  [1 + step][row][units]     hidden[0] is before the first step: 0
/// cell    [1 + step][row][units]     cell[0] likewise
/// tanh    [step][row][units]         of cell[1 + step]
/// ticks   [step][row][inputs]
///
/// weights [group][bias │ a row each recurrent input │ a row each input][input │ output │ forget │ cell, 16 units each]
/// back    [group][column of the group: 64][units]       the recurrent weights transposed
/// </code>
/// Units beyond the network's have weights of 0, and so hidden states and gradients of 0.
/// </remarks>
/// <param name="Steps">T.</param>
/// <param name="Rows">Windows of a chunk.</param>
/// <param name="Inputs">Numbers of a tick.</param>
/// <param name="Units">Units, as the network has them.</param>
internal readonly record struct LstmTape(int Steps, int Rows, int Inputs, int Units)
{
    /// <summary>Gates of a unit.</summary>
    public const int Gates = 4;

    /// <summary>Columns of a group: four gates of sixteen units.</summary>
    public const int Columns = Gates * Tile.Rows;

    /// <summary>Units rounded up.</summary>
    public int Padded => Tile.RoundUp(Units);

    /// <summary>Groups of sixteen units.</summary>
    public int Groups => Padded / Tile.Rows;

    /// <summary>Floats of one step's gates.</summary>
    public int GateFloats => Groups * Rows * Columns;

    /// <summary>Floats of one step's hidden states.</summary>
    public int StateFloats => Rows * Padded;

    /// <summary>Floats of one group's weights.</summary>
    public int GroupWeights => (1 + Units + Inputs) * Columns;

    /// <summary>Floats of all weights.</summary>
    public int WeightFloats => Groups * GroupWeights;

    /// <summary>Floats of the transposed recurrent weights.</summary>
    public int BackFloats => Groups * Columns * Padded;

    /// <summary>Where hidden states begin on a chunk's tape, behind the gates.</summary>
    public long Hidden => (long)Steps * GateFloats;

    /// <summary>Where cells begin.</summary>
    public long Cell => Hidden + ((long)(Steps + 1) * StateFloats);

    /// <summary>Where their hyperbolic tangents begin.</summary>
    public long Tanh => Cell + ((long)(Steps + 1) * StateFloats);

    /// <summary>Where ticks begin.</summary>
    public long Ticks => Tanh + ((long)Steps * StateFloats);

    /// <summary>Floats of a chunk's tape: a multiple of 16.</summary>
    public long Floats => Tile.RoundUp(checked((int)(Ticks + ((long)Steps * Rows * Inputs))));

    /// <summary>Where a parameter of gate g and unit u lies in a row of packed weights.</summary>
    public static int Column(int gate, int unit) => (gate * Tile.Rows) + (unit % Tile.Rows);
}
