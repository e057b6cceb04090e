// LSTMs whose matrices are too large for the registers of a group: the kernels of lstm_steps.cl, with weights from global memory and a kernel of their
// own for the sums of outer products. Behind lstm.cl and lstm_norm.cl; SEQUENCES is 4, so that a quad is a tile.
//
// On the way back the tape is overwritten: gates by the gradients of their sums, tanh c by the hidden state.
//   turned   [column of a gate's row: hidden state's units | inputs][row]: work items side by side read weights side by side
#define UNITS_EACH CEILING(UNITS, ITEMS)
#define HIDDEN_SLOT 5

#define ADD_QUAD(sum, factor, v) \
    sum.x = FMA(factor, v.x, sum.x); \
    sum.y = FMA(factor, v.y, sum.y); \
    sum.z = FMA(factor, v.z, sum.z); \
    sum.w = FMA(factor, v.w, sum.w)

// The weights turned, of `model` and those behind it.
KERNEL lstm_turn(GLOBAL const float *all_parameters, int parameter_stride, int model, GLOBAL float *all_turned)
{
    GLOBAL const float *parameters = all_parameters + (ulong)(model + GROUP_Y) * parameter_stride;
    GLOBAL float *turned = all_turned + (ulong)GROUP_Y * (ROWS * SUMMED);
    for (int i = GROUP_X * LOCAL_SIZE + LOCAL_ID; i < ROWS * SUMMED; i += GROUPS_X * LOCAL_SIZE)
    {
        turned[i] = gate_weight(parameters, i % ROWS, i / ROWS);
    }
}

// Gates, cell and hidden state of one unit and sequence from the gates' sums.
INLINE float unit_step(float sum_i, float sum_o, float sum_f, float sum_g, float before, GLOBAL float *to)
{
    float i = sigmoid(sum_i), o = sigmoid(sum_o), f = sigmoid(sum_f), g = hyperbolic_tangent(sum_g);
    float c = FMA(f, before, i * g), t = hyperbolic_tangent(c);
    to[0] = i;
    to[PAIRS] = o;
    to[2 * PAIRS] = f;
    to[3 * PAIRS] = g;
    to[4 * PAIRS] = c;
    to[5 * PAIRS] = t;
    return o * t;
}

// As in lstm_steps.cl, with the turned weights. Local memory: two steps' hidden states. Without `keeps` a tile uses one step of its tape.
KERNEL_SIZED(ITEMS) lstm_forward(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *all_parameters, int parameter_stride, int model,
    GLOBAL const float *all_ticks, GLOBAL float *all_tapes, GLOBAL float *all_hidden, int tiles, int keeps, GLOBAL const float *all_turned,
    LOCAL_ARGUMENT(memory))
{
    LOCAL_BEGIN(memory);
    int count = STEP_ROWS();
    GLOBAL const float *biases = all_parameters + (ulong)(model + GROUP_Y) * parameter_stride + BIASES;
    GLOBAL const float *turned = all_turned + (ulong)GROUP_Y * (ROWS * SUMMED);
    for (int tile = GROUP_X; tile * SEQUENCES < count; tile += GROUPS_X)
    {
        ulong place = (ulong)GROUP_Y * tiles + tile;
        GLOBAL const float4 *ticks = (GLOBAL const float4 *)(all_ticks + place * (STEPS * TICKS_STEP));
        for (int i = LOCAL_ID; i < PAIRS; i += ITEMS)
        {
            memory[i] = 0.0f;
        }

        BARRIER();
        for (int tick = 0; tick < STEPS; tick++)
        {
            LOCAL const float4 *hidden = (LOCAL const float4 *)(memory + tick % 2 * PAIRS);
            LOCAL float *next = memory + (tick + 1) % 2 * PAIRS;
            GLOBAL float *tape = all_tapes + (keeps ? place * STEPS + tick : place) * TAPE_STEP;
            GLOBAL const float *cells = tape + 4 * PAIRS - (keeps ? TAPE_STEP : 0);
            for (int unit = LOCAL_ID; unit < UNITS; unit += ITEMS)
            {
                float4 sums[GATES];
                for (int gate = 0; gate < GATES; gate++)
                {
                    sums[gate].x = sums[gate].y = sums[gate].z = sums[gate].w = biases[gate * UNITS + unit];
                }

                for (int k = 0; k < SUMMED; k++)
                {
                    float4 v = k < UNITS ? hidden[k] : ticks[tick * INPUTS + k - UNITS];
                    GLOBAL const float *weights = turned + (ulong)k * ROWS + unit;
                    EACH (int gate = 0; gate < GATES; gate++)
                    {
                        ADD_QUAD(sums[gate], weights[gate * UNITS], v);
                    }
                }

                int pair = 4 * unit;
                next[pair] = unit_step(sums[0].x, sums[1].x, sums[2].x, sums[3].x, tick > 0 ? cells[pair] : 0.0f, tape + pair);
                next[pair + 1] = unit_step(sums[0].y, sums[1].y, sums[2].y, sums[3].y, tick > 0 ? cells[pair + 1] : 0.0f, tape + pair + 1);
                next[pair + 2] = unit_step(sums[0].z, sums[1].z, sums[2].z, sums[3].z, tick > 0 ? cells[pair + 2] : 0.0f, tape + pair + 2);
                next[pair + 3] = unit_step(sums[0].w, sums[1].w, sums[2].w, sums[3].w, tick > 0 ? cells[pair + 3] : 0.0f, tape + pair + 3);
                for (int q = 0; q < 4 && tick + 1 == STEPS; q++)
                {
                    all_hidden[(place * SEQUENCES + q) * UNITS + unit] = next[pair + q];
                }
            }

            BARRIER();
        }
    }
}

// The gradients of one unit's and sequence's sums, in place on the tape; the cell's gradient goes on to the step before.
INLINE float unit_back(GLOBAL float *at, float before, float d_hidden, float d_cell)
{
    float i = at[0], o = at[PAIRS], f = at[2 * PAIRS], g = at[3 * PAIRS], t = at[5 * PAIRS];
    float dc = FMA(d_hidden * o, 1.0f - t * t, d_cell);
    at[0] = dc * g * (i * (1.0f - i));
    at[PAIRS] = d_hidden * t * (o * (1.0f - o));
    at[2 * PAIRS] = dc * before * (f * (1.0f - f));
    at[3 * PAIRS] = dc * i * (1.0f - g * g);
    at[HIDDEN_SLOT * PAIRS] = o * t;
    return dc * f;
}

// Through all steps of a tile: the tape becomes the gradients of all sums. Local memory: a gate's gradients of a step.
KERNEL_SIZED(ITEMS) lstm_backward(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *all_parameters, int parameter_stride,
    GLOBAL float *all_tapes, GLOBAL const float *all_hidden, GLOBAL const float *all_gradients, GLOBAL const float *norms, GLOBAL const float *partials,
    int partial_floats, int tiles, LOCAL_ARGUMENT(memory))
{
    LOCAL_BEGIN(memory);
    int count = STEP_ROWS();
    float share = steps[step * GROUPS_Y + GROUP_Y].share;
    GLOBAL const float *parameters = all_parameters + (ulong)GROUP_Y * parameter_stride;
    GLOBAL const float *own = partials + (ulong)GROUP_Y * partial_floats;
    float d_hidden[UNITS_EACH][4], d_cell[UNITS_EACH][4];
    for (int tile = GROUP_X; tile * SEQUENCES < count; tile += GROUPS_X)
    {
        ulong place = (ulong)GROUP_Y * tiles + tile;
        EACH (int i = 0; i < 4 * UNITS_EACH; i++)
        {
            int unit = LOCAL_ID + ITEMS * (i / 4);
            d_cell[i / 4][i % 4] = 0.0f;
            d_hidden[i / 4][i % 4] = unit < UNITS && tile * SEQUENCES + i % 4 < count
                ? last_gradient(parameters, norms, own, (place * SEQUENCES + i % 4) * UNITS, unit, all_hidden, all_gradients, share)
                : 0.0f;
        }

        for (int tick = STEPS - 1; tick >= 0; tick--)
        {
            GLOBAL float *tape = all_tapes + (place * STEPS + tick) * TAPE_STEP;
            EACH (int i = 0; i < 4 * UNITS_EACH; i++)
            {
                int unit = LOCAL_ID + ITEMS * (i / 4);
                if (unit < UNITS)
                {
                    GLOBAL float *at = tape + 4 * unit + i % 4;
                    d_cell[i / 4][i % 4] = unit_back(at, tick > 0 ? *(at + 4 * PAIRS - TAPE_STEP) : 0.0f, d_hidden[i / 4][i % 4], d_cell[i / 4][i % 4]);
                }

                d_hidden[i / 4][i % 4] = 0.0f;
            }

            for (int gate = 0; gate < GATES && tick > 0; gate++)
            {
                // A work item reads what it wrote itself.
                for (int unit = LOCAL_ID; unit < UNITS; unit += ITEMS)
                {
                    ((LOCAL float4 *)memory)[unit] = ((GLOBAL const float4 *)(tape + gate * PAIRS))[unit];
                }

                BARRIER();
                EACH (int j = 0; j < UNITS_EACH; j++)
                {
                    int unit = LOCAL_ID + ITEMS * j;
                    GLOBAL const float *weights = parameters + RECURRENT_WEIGHTS + gate * UNITS * UNITS + unit;
                    for (int k = 0; k < UNITS && unit < UNITS; k++)
                    {
                        float4 d = ((LOCAL const float4 *)memory)[k];
                        float weight = weights[(ulong)k * UNITS];
                        d_hidden[j][0] = FMA(weight, d.x, d_hidden[j][0]);
                        d_hidden[j][1] = FMA(weight, d.y, d_hidden[j][1]);
                        d_hidden[j][2] = FMA(weight, d.z, d_hidden[j][2]);
                        d_hidden[j][3] = FMA(weight, d.w, d_hidden[j][3]);
                    }
                }

                BARRIER();
            }
        }
    }
}

// The gradients of R, W and the biases from the tapes that lstm_backward left: a group sums a square of rows and columns over every `slots`-th
// tile. A work item owns every SIDE / 4-th row and column of the square.
#define SIDE 64
#define AT_ONCE 8
#define SQUARES_DOWN CEILING(ROWS, SIDE)
#define SQUARES_ACROSS CEILING(SUMMED + 1, SIDE)

INLINE float4 column_quad(GLOBAL const float *tape, GLOBAL const float *ticks, int tick, int column)
{
    float4 result;
    result.x = result.y = result.z = result.w = column == SUMMED ? 1.0f : 0.0f;
    if (column < UNITS && tick > 0)
    {
        result = ((GLOBAL const float4 *)(tape + (ulong)(tick - 1) * TAPE_STEP + HIDDEN_SLOT * PAIRS))[column];
    }
    else if (column >= UNITS && column < SUMMED)
    {
        result = ((GLOBAL const float4 *)ticks)[tick * INPUTS + column - UNITS];
    }

    return result;
}

KERNEL_SIZED(256) lstm_outer(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *all_ticks, GLOBAL const float *all_tapes,
    GLOBAL float *partials, int partial_floats, int slots, int slot_stride, int tiles)
{
    LOCAL_FIXED(float4, gradients, AT_ONCE * SIDE);
    LOCAL_FIXED(float4, operand, AT_ONCE * SIDE);
    int count = STEP_ROWS(), slot = GROUP_X / (SQUARES_DOWN * SQUARES_ACROSS), square = GROUP_X % (SQUARES_DOWN * SQUARES_ACROSS);
    int first_row = square / SQUARES_ACROSS * SIDE, first_column = square % SQUARES_ACROSS * SIDE;
    int row = LOCAL_ID / 16, column = LOCAL_ID % 16;
    float sums[4][4] = { { 0.0f } };
    for (int tile = slot; tile * SEQUENCES < count; tile += slots)
    {
        ulong place = (ulong)GROUP_Y * tiles + tile;
        GLOBAL const float *tape = all_tapes + place * STEPS * TAPE_STEP;
        GLOBAL const float *ticks = all_ticks + place * (STEPS * TICKS_STEP);
        for (int first = 0; first < STEPS; first += AT_ONCE)
        {
            int some = STEPS - first < AT_ONCE ? STEPS - first : AT_ONCE;
            for (int i = LOCAL_ID; i < some * SIDE; i += 256)
            {
                int from = first_row + i % SIDE < ROWS ? first_row + i % SIDE : 0, tick = first + i / SIDE;
                gradients[i] = ((GLOBAL const float4 *)(tape + (ulong)tick * TAPE_STEP + from / UNITS * PAIRS))[from % UNITS];
                operand[i] = column_quad(tape, ticks, tick, first_column + i % SIDE);
            }

            BARRIER();
            for (int k = 0; k < some; k++)
            {
                EACH (int r = 0; r < 4; r++)
                {
                    float4 d = gradients[k * SIDE + row + 16 * r];
                    EACH (int c = 0; c < 4; c++)
                    {
                        float4 v = operand[k * SIDE + column + 16 * c];
                        sums[r][c] = FMA(d.x, v.x, sums[r][c]);
                        sums[r][c] = FMA(d.y, v.y, sums[r][c]);
                        sums[r][c] = FMA(d.z, v.z, sums[r][c]);
                        sums[r][c] = FMA(d.w, v.w, sums[r][c]);
                    }
                }
            }

            BARRIER();
        }
    }

    GLOBAL float *own = partials + (ulong)GROUP_Y * partial_floats + LSTM_PARTIAL + (ulong)slot * slot_stride;
    EACH (int i = 0; i < 16; i++)
    {
        int to_row = first_row + row + 16 * (i / 4), to_column = first_column + column + 16 * (i % 4);
        if (slot * SEQUENCES < count && to_row < ROWS && to_column <= SUMMED)
        {
            own[gate_parameter(to_row, to_column)] = sums[i / 4][i % 4];
        }
    }
}
