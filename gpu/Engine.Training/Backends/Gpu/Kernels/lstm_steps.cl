// All steps of a tile of sequences in one kernel, forward and back. The matrices stay in registers, states in local memory; what the way back
// needs goes to the tape in global memory, a pair beside a pair. Behind lstm.cl and lstm_product.cl or lstm_tf32.cl.
//
// With D the gradient of what stands behind it: Do = Dh tanh(c) o (1 - o); Dc += Dh o (1 - tanh(c)^2); Di = Dc g i (1 - i);
// Df = Dc c' f (1 - f); Dg = Dc i (1 - g^2); Dc' = Dc f; Dh' = sum over gates of D R; ' is the step before.

// The sum of a gate's row, from its parts.
INLINE float sum_forward(LOCAL const float *parts, int gate, int pair, float bias)
{
    float sum = bias;
    EACH (int split = 0; split < F_SPLIT; split++)
    {
        sum += parts[((split * QUADS + pair_quad(pair)) * ROWS + gate * UNITS + pair_unit(pair)) * 4 + pair % 4];
    }

    return sum;
}

// The gradient of a hidden state, from its parts.
INLINE float sum_back(LOCAL const float *parts, int pair)
{
    float sum = 0.0f;
    EACH (int split = 0; split < B_SPLIT; split++)
    {
        sum += parts[split * PAIRS + pair];
    }

    return sum;
}

// Where the inputs of ticks go in an operand: tick number i of a step.
INLINE int tick_place(int i)
{
    return i / (4 * INPUTS) * 4 * OPERAND + 4 * UNITS + i % (4 * INPUTS);
}

INLINE void read_ticks(float values[TICKS_EACH], GLOBAL const float *ticks)
{
    EACH (int j = 0; j < TICKS_EACH; j++)
    {
        int i = LOCAL_ID + ITEMS * j;
        values[j] = i < TICKS_STEP ? ticks[i] : 0.0f;
    }
}

INLINE void place_ticks(const float values[TICKS_EACH], LOCAL float *operand)
{
    EACH (int j = 0; j < TICKS_EACH; j++)
    {
        int i = LOCAL_ID + ITEMS * j;
        if (i < TICKS_STEP)
        {
            operand[tick_place(i)] = FACTOR(values[j]);
        }
    }
}

INLINE void place_hidden(LOCAL float *operand, int pair, float hidden)
{
    operand[(pair_quad(pair) * OPERAND + pair_unit(pair)) * 4 + pair % 4] = FACTOR(hidden);
}

// Zeros, and the one that a bias is multiplied by.
INLINE void clear_operand(LOCAL float *operand)
{
    for (int i = LOCAL_ID; i < 4 * QUADS * OPERAND; i += ITEMS)
    {
        operand[i] = i / 4 % OPERAND == SUMMED ? 1.0f : 0.0f;
    }
}

// The hidden state behind the last step of a tile of sequences; with `keeps` the tape too.
KERNEL_SIZED(ITEMS) lstm_forward(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *RESTRICT all_parameters, int parameter_stride,
    int model, GLOBAL const float *RESTRICT all_ticks, GLOBAL float *RESTRICT all_tapes, GLOBAL float *RESTRICT all_hidden, int tiles, int keeps,
    LOCAL_ARGUMENT(memory))
{
    LOCAL_BEGIN(memory);
    int count = STEP_ROWS();
    LOCAL float *operand = memory;
    LOCAL float *parts = memory + 4 * QUADS * OPERAND;
    GLOBAL const float *parameters = all_parameters + (ulong)(model + GROUP_Y) * parameter_stride;
    ForwardWeights weights;
    float biases[PAIRS_EACH][GATES], cells[PAIRS_EACH], values[TICKS_EACH];
    load_forward(parameters, weights);
    EACH (int j = 0; j < PAIRS_EACH; j++)
    {
        EACH (int gate = 0; gate < GATES; gate++)
        {
            biases[j][gate] = parameters[BIASES + gate * UNITS + pair_unit(LOCAL_ID + ITEMS * j)];
        }
    }

    for (int tile = GROUP_X; tile * SEQUENCES < count; tile += GROUPS_X)
    {
        ulong place = (ulong)GROUP_Y * tiles + tile;
        GLOBAL const float *ticks = all_ticks + place * (STEPS * TICKS_STEP);
        GLOBAL float *tape = all_tapes + place * ((ulong)STEPS * TAPE_STEP);
        clear_operand(operand);
        BARRIER();
        read_ticks(values, ticks);
        place_ticks(values, operand);
        EACH (int j = 0; j < PAIRS_EACH; j++)
        {
            cells[j] = 0.0f;
        }

        BARRIER();
        for (int tick = 0; tick < STEPS; tick++)
        {
            if (tick + 1 < STEPS)
            {
                read_ticks(values, ticks + (tick + 1) * TICKS_STEP);
            }

            product_forward(weights, operand, parts);
            BARRIER();
            place_ticks(values, operand);
            EACH (int j = 0; j < PAIRS_EACH; j++)
            {
                int pair = LOCAL_ID + ITEMS * j;
                if (PAIRS % ITEMS == 0 || pair < PAIRS)
                {
                    float i = sigmoid(sum_forward(parts, 0, pair, biases[j][0])), o = sigmoid(sum_forward(parts, 1, pair, biases[j][1]));
                    float f = sigmoid(sum_forward(parts, 2, pair, biases[j][2])), g = hyperbolic_tangent(sum_forward(parts, 3, pair, biases[j][3]));
                    cells[j] = FMA(f, cells[j], i * g);
                    float t = hyperbolic_tangent(cells[j]), h = o * t;
                    place_hidden(operand, pair, h);
                    if (keeps)
                    {
                        GLOBAL float *to = tape + (ulong)tick * TAPE_STEP + pair;
                        to[0] = i;
                        to[PAIRS] = o;
                        to[2 * PAIRS] = f;
                        to[3 * PAIRS] = g;
                        to[4 * PAIRS] = cells[j];
                        to[5 * PAIRS] = t;
                    }

                    if (tick + 1 == STEPS)
                    {
                        all_hidden[(place * SEQUENCES + pair_sequence(pair)) * UNITS + pair_unit(pair)] = h;
                    }
                }
            }

            BARRIER();
        }
    }
}

// What one pair needs of a step on the way back: gates and the cell before, and output gate and tanh c of the step before, whose product
// is the hidden state that the step began with.
typedef struct
{
    float i, f, g, before, o, t;
} Tape;

INLINE Tape read_tape(GLOBAL const float *tape, int tick, int pair)
{
    GLOBAL const float *from = tape + (ulong)tick * TAPE_STEP + pair;
    Tape result;
    result.i = from[0];
    result.f = from[2 * PAIRS];
    result.g = from[3 * PAIRS];
    result.before = tick > 0 ? from[4 * PAIRS - TAPE_STEP] : 0.0f;
    result.o = tick > 0 ? from[PAIRS - TAPE_STEP] : 0.0f;
    result.t = tick > 0 ? from[5 * PAIRS - TAPE_STEP] : 0.0f;
    return result;
}

// The gradients of R, W and the biases from those of the last hidden states, a slot a group: groups take tiles in turn, so that few slots
// are to be summed.
KERNEL_SIZED(ITEMS) lstm_backward(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *RESTRICT all_parameters, int parameter_stride,
    GLOBAL const float *RESTRICT all_ticks, GLOBAL const float *RESTRICT all_tapes, GLOBAL const float *RESTRICT all_hidden,
    GLOBAL const float *RESTRICT all_gradients, GLOBAL const float *RESTRICT norms, GLOBAL float *RESTRICT partials, int partial_floats,
    int slot_stride, int tiles, LOCAL_ARGUMENT(memory))
{
    LOCAL_BEGIN(memory);
    int count = STEP_ROWS();
    float share = steps[step * GROUPS_Y + GROUP_Y].share;
    GLOBAL const float *parameters = all_parameters + (ulong)GROUP_Y * parameter_stride;
    GLOBAL float *own = partials + (ulong)GROUP_Y * partial_floats;
    LOCAL float *operand = memory;
    LOCAL float *gradients = operand + 4 * QUADS * OPERAND;
    LOCAL float *parts = gradients + 4 * QUADS * GRADIENTS;
    BackWeights weights;
    OuterSums sums;
    float hidden[PAIRS_EACH], cell[PAIRS_EACH], output[PAIRS_EACH], tanh_cell[PAIRS_EACH], values[TICKS_EACH];
    Tape at[PAIRS_EACH];
    load_back(parameters, weights);
    clear_outer(sums);
    clear_operand(operand);
    for (int i = LOCAL_ID; i < 4 * QUADS * GRADIENTS; i += ITEMS)
    {
        gradients[i] = 0.0f;
    }

    BARRIER();
    for (int tile = GROUP_X; tile * SEQUENCES < count; tile += GROUPS_X)
    {
        ulong place = (ulong)GROUP_Y * tiles + tile;
        GLOBAL const float *ticks = all_ticks + place * (STEPS * TICKS_STEP);
        GLOBAL const float *tape = all_tapes + place * ((ulong)STEPS * TAPE_STEP);
        EACH (int j = 0; j < PAIRS_EACH; j++)
        {
            int pair = LOCAL_ID + ITEMS * j;
            if (PAIRS % ITEMS == 0 || pair < PAIRS)
            {
                GLOBAL const float *last = tape + (ulong)(STEPS - 1) * TAPE_STEP + pair;
                output[j] = last[PAIRS];
                tanh_cell[j] = last[5 * PAIRS];
                at[j] = read_tape(tape, STEPS - 1, pair);
                hidden[j] = tile * SEQUENCES + pair_sequence(pair) < count
                    ? last_gradient(parameters, norms, own, (place * SEQUENCES + pair_sequence(pair)) * UNITS, pair_unit(pair), all_hidden, all_gradients, share)
                    : 0.0f;
                cell[j] = 0.0f;
            }
        }

        read_ticks(values, ticks + (STEPS - 1) * TICKS_STEP);
        for (int tick = STEPS - 1; tick >= 0; tick--)
        {
            place_ticks(values, operand);
            EACH (int j = 0; j < PAIRS_EACH; j++)
            {
                int pair = LOCAL_ID + ITEMS * j;
                if (PAIRS % ITEMS == 0 || pair < PAIRS)
                {
                    float o = output[j], t = tanh_cell[j];
                    float dc = FMA(hidden[j] * o, 1.0f - t * t, cell[j]);
                    LOCAL float *to = gradients + (pair_quad(pair) * GRADIENTS + pair_unit(pair)) * 4 + pair % 4;
                    to[0] = FACTOR(dc * at[j].g * (at[j].i * (1.0f - at[j].i)));
                    to[4 * UNITS] = FACTOR(hidden[j] * t * (o * (1.0f - o)));
                    to[8 * UNITS] = FACTOR(dc * at[j].before * (at[j].f * (1.0f - at[j].f)));
                    to[12 * UNITS] = FACTOR(dc * at[j].i * (1.0f - at[j].g * at[j].g));
                    cell[j] = dc * at[j].f;
                    place_hidden(operand, pair, at[j].o * at[j].t);
                    output[j] = at[j].o;
                    tanh_cell[j] = at[j].t;
                }
            }

            BARRIER();
            add_outer(sums, gradients, operand);
            if (tick > 0)
            {
                read_ticks(values, ticks + (tick - 1) * TICKS_STEP);
                EACH (int j = 0; j < PAIRS_EACH; j++)
                {
                    int pair = LOCAL_ID + ITEMS * j;
                    if (PAIRS % ITEMS == 0 || pair < PAIRS)
                    {
                        at[j] = read_tape(tape, tick - 1, pair);
                    }
                }
            }

            product_back(weights, gradients, parts);
            BARRIER();
            EACH (int j = 0; j < PAIRS_EACH; j++)
            {
                int pair = LOCAL_ID + ITEMS * j;
                if (PAIRS % ITEMS == 0 || pair < PAIRS)
                {
                    hidden[j] = sum_back(parts, pair);
                }
            }
        }
    }

    if (GROUP_X * SEQUENCES < count)
    {
        store_outer(sums, own + LSTM_PARTIAL + (ulong)GROUP_X * slot_stride);
    }
}
