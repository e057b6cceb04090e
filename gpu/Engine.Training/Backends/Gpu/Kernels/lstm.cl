// Sizes of an LSTM and where its numbers lie, for every kernel of it.
//
// UNITS, INPUTS, STEPS     the network's; GATES of a unit in the order input, output, forget, cell
// SEQUENCES                of a tile, a multiple of four
// ITEMS                    work items of a group, a power of two from 32
// HAS_NORM                 1 with batch normalisation, else 0
//
// A number of each sequence of a tile comes in quads: [quad: SEQUENCES / 4][what][4 sequences]. So what is read for all sequences is read four at once,
// and work items side by side read places side by side.
//
//   pair      a unit and a sequence: [quad][unit][4]; work item i owns pairs i, i + ITEMS, ...
//   tape      of a tile: [step][gate input | output | forget | cell, then c, then tanh c][pair]
//   ticks     of a tile: [step][quad][input][4], 0 where there is no sequence
//   operand   what a gate's row is multiplied by: [quad][hidden state's units | inputs | 1][4], in local memory
//   hidden    [sequence][unit], the last step's
#define GATES 4
#define ROWS (GATES * UNITS)
#define QUADS (SEQUENCES / 4)
#define SUMMED (UNITS + INPUTS)
#define PAIRS (UNITS * SEQUENCES)
#define TAPES 6
#define TAPE_STEP (TAPES * PAIRS)
#define TICKS_STEP (INPUTS * SEQUENCES)
#define PAIRS_EACH ((PAIRS + ITEMS - 1) / ITEMS)
#define TICKS_EACH ((TICKS_STEP + ITEMS - 1) / ITEMS)
#define CEILING(a, b) (((a) + (b) - 1) / (b))
#define MOST(a, b) ((a) > (b) ? (a) : (b))

// Parameters as the table has them.
#define INPUT_WEIGHTS 0
#define RECURRENT_WEIGHTS (ROWS * INPUTS)
#define BIASES (RECURRENT_WEIGHTS + ROWS * UNITS)
#define LSTM_PARAMETERS (BIASES + ROWS)

// A model's partial gradients: those of the normalisation (scales, offsets), then slots of the LSTM's, then of the head's.
#define NORM_PARTIAL 0
#define LSTM_PARTIAL (HAS_NORM * CEILING(2 * UNITS, 32) * 32)

// Loops whose arrays must lie in registers are unrolled where registers are what counts.
#if defined(IS_CUDA)
#define EACH UNROLL for
#else
#define EACH for
#endif

// The factor of column k (a unit of the hidden state, an input) in a gate's row; 0 outside.
INLINE float gate_weight(GLOBAL const float *parameters, int row, int k)
{
    return row >= ROWS || k >= SUMMED ? 0.0f
        : k < UNITS ? parameters[RECURRENT_WEIGHTS + row * UNITS + k] : parameters[INPUT_WEIGHTS + row * INPUTS + k - UNITS];
}

// Where a row's factor of a column lies among the parameters; the column behind the inputs is the bias.
INLINE int gate_parameter(int row, int column)
{
    return column < UNITS ? RECURRENT_WEIGHTS + row * UNITS + column
        : column < SUMMED ? INPUT_WEIGHTS + row * INPUTS + column - UNITS : BIASES + row;
}

INLINE int pair_unit(int pair)
{
    return pair / 4 % UNITS;
}

INLINE int pair_quad(int pair)
{
    return pair / (4 * UNITS);
}

// Its sequence of the tile.
INLINE int pair_sequence(int pair)
{
    return pair_quad(pair) * 4 + pair % 4;
}

// Rows of the step at hand of the group's model; GROUP_Y is the model among those of the launch.
#define STEP_ROWS() step_rows(steps + step * GROUPS_Y + GROUP_Y, outcomes, step)
