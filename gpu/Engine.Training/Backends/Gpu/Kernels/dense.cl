// Dense layers for a tile of rows, forward and backward, by one group of work items. The arena holds every number that the rows have in a step:
// slot s of row r is arena[s * ROW_STRIDE + r]. What is to be done is in a plan that GpuDensePlan.cs makes: layers that do not wait for each other
// (those of all silos at one depth) are one level, and a level is one loop over its units and one barrier.
//
// TILE, the rows of a tile, is a power of two. ARENA_IN_GLOBAL puts the arena, too large for local memory, into global memory.
#ifdef ARENA_IN_GLOBAL
#define ARENA GLOBAL
#define ARENA_BARRIER() BARRIER_GLOBAL()
#else
#define ARENA LOCAL
#define ARENA_BARRIER() BARRIER()
#endif

// One more than the rows: work items side by side on one row's slots use different banks.
#define ROW_STRIDE (TILE + 1)

// A work item takes ROWS_EACH rows of a unit, so that a weight is read once for them all.
#define ROW_LANES (TILE < 8 ? TILE : 8)
#define ROWS_EACH (TILE / ROW_LANES)

// Gradients that a work item sums at once, of one input and outputs side by side: the input is read once for them.
#define TERM_WIDTH 4

// Where the plan's parts are; all are ints.
#define PLAN_LEVELS 0          // count, then where they begin: first and end of the level's units, first and end of its backs
#define PLAN_UNITS 2           // x slot, inputs, first weight, weights from input to input, bias, y slot, activation, slot of factors or -1
#define PLAN_BACKS 3           // slot to write, first d slot, outputs, first weight, y slot, activation, slot of factors or -1, bits of `kept`
#define PLAN_DRAWS 4           // count, then where: layer, block of eight units, slot of the first factor, threshold, bits of the scale
#define PLAN_INPUT 6           // first input's slot, inputs, first slot of their factors or -1: of inputs that are no features
#define PLAN_FEATURES 9        // count, then where: slot, feature
#define PLAN_TERMS 11          // count, then where: x slot (-1 for biases), first d slot, first parameter, parameters side by side: 1 to TERM_WIDTH
#define PLAN_OUTPUT 13         // slots of the output, of its gradient, of the row's loss
#define PLAN_OUTPUT_GRADIENT 14
#define PLAN_LOSS 15

// Features of the tile's rows into their slots; rows beyond `rows` are zeros. LOCAL_SIZE is a multiple of 32.
INLINE void dense_gather(ARENA float *arena, GLOBAL const int *plan, GLOBAL const float *features, int columns, GLOBAL const int *list, int rows)
{
    int count = plan[PLAN_FEATURES];
    GLOBAL const int *pairs = plan + plan[PLAN_FEATURES + 1];
    for (int row = LOCAL_ID / 32; row < TILE; row += LOCAL_SIZE / 32)
    {
        GLOBAL const float *from = features + (size_t)(row < rows ? list[row] : 0) * columns;
        for (int f = LOCAL_ID % 32; f < count; f += 32)
        {
            arena[pairs[2 * f] * ROW_STRIDE + row] = row < rows ? from[pairs[2 * f + 1]] : 0.0f;
        }
    }
}

// Dropout's factors of all layers into their slots; `first_row` is the row of the batch of the tile's first.
INLINE void dense_draw(ARENA float *arena, GLOBAL const int *plan, GLOBAL const StepEntry *entry, int first_row)
{
    int count = plan[PLAN_DRAWS] * TILE;
    GLOBAL const int *draws = plan + plan[PLAN_DRAWS + 1];
    for (int k = LOCAL_ID; k < count; k += LOCAL_SIZE)
    {
        GLOBAL const int *draw = draws + k / TILE * 5;
        int row = k % TILE;
        uint words[4] = { (uint)(first_row + row), (uint)draw[1], (uint)draw[0], entry->dropout_step };
        philox(words, entry->seed_low, entry->seed_high);
        float scale = BITS_FLOAT(draw[4]);
        ARENA float *to = arena + draw[2] * ROW_STRIDE + row;
        UNROLL
        for (int w = 0; w < 4; w++)
        {
            to[2 * w * ROW_STRIDE] = dropout_factor(words[w] & 0xFFFFu, (uint)draw[3], scale);
            to[(2 * w + 1) * ROW_STRIDE] = dropout_factor(words[w] >> 16, (uint)draw[3], scale);
        }
    }
}

// The outputs from the inputs. The arena is complete before and behind it.
INLINE void dense_forward(ARENA float *arena, GLOBAL const int *plan, GLOBAL const float *parameters, int is_training)
{
    if (is_training && plan[PLAN_INPUT + 2] >= 0)
    {
        for (int k = LOCAL_ID; k < plan[PLAN_INPUT + 1] * TILE; k += LOCAL_SIZE)
        {
            int at = k / TILE * ROW_STRIDE + k % TILE;
            arena[plan[PLAN_INPUT] * ROW_STRIDE + at] *= arena[plan[PLAN_INPUT + 2] * ROW_STRIDE + at];
        }

        ARENA_BARRIER();
    }

    for (int level = 0; level < plan[PLAN_LEVELS]; level++)
    {
        GLOBAL const int *bounds = plan + plan[PLAN_LEVELS + 1] + 4 * level;
        for (int k = bounds[0] * ROW_LANES + LOCAL_ID; k < bounds[1] * ROW_LANES; k += LOCAL_SIZE)
        {
            GLOBAL const int *unit = plan + plan[PLAN_UNITS] + k / ROW_LANES * 8;
            int row = k % ROW_LANES, inputs = unit[1], weight_stride = unit[3];
            ARENA const float *x = arena + unit[0] * ROW_STRIDE + row;
            GLOBAL const float *weight = parameters + unit[2];
            float sums[ROWS_EACH];
            UNROLL
            for (int j = 0; j < ROWS_EACH; j++)
            {
                sums[j] = parameters[unit[4]];
            }

            for (int i = 0; i < inputs; i++)
            {
                float w = *weight;
                UNROLL
                for (int j = 0; j < ROWS_EACH; j++)
                {
                    sums[j] = FMA(x[j * ROW_LANES], w, sums[j]);
                }

                x += ROW_STRIDE;
                weight += weight_stride;
            }

            int factors = is_training ? unit[7] : -1;
            UNROLL
            for (int j = 0; j < ROWS_EACH; j++)
            {
                int at = row + j * ROW_LANES;
                float y = activate(unit[6], sums[j]);
                arena[unit[5] * ROW_STRIDE + at] = factors < 0 ? y : y * arena[factors * ROW_STRIDE + at];
            }
        }

        ARENA_BARRIER();
    }
}

// The losses of the tile's rows and the gradient of the output, of the mean over the batch; rows beyond `rows` get 0.
INLINE void dense_loss(
    ARENA float *arena, GLOBAL const int *plan, GLOBAL const StepEntry *entry, int loss_kind, GLOBAL const float *labels, GLOBAL const int *list, int rows)
{
    for (int row = LOCAL_ID; row < TILE; row += LOCAL_SIZE)
    {
        float slope = 0.0f, loss = 0.0f;
        if (row < rows)
        {
            loss = loss_of(loss_kind, entry, arena[plan[PLAN_OUTPUT] * ROW_STRIDE + row], labels[list[row]], &slope);
        }

        arena[plan[PLAN_OUTPUT_GRADIENT] * ROW_STRIDE + row] = slope * entry->share;
        arena[plan[PLAN_LOSS] * ROW_STRIDE + row] = loss;
    }

    ARENA_BARRIER();
}

// Adds the tile's losses, behind dense_loss, to a sum in two parts. One work item is enough.
INLINE void dense_loss_sum(ARENA const float *arena, GLOBAL const int *plan, int rows, float *sum, float *rest)
{
    float tile = 0.0f;
    for (int row = 0; row < rows; row++)
    {
        tile += arena[plan[PLAN_LOSS] * ROW_STRIDE + row];
    }

    sum_exactly(sum, rest, tile);
}

// Gradients of all units' sums, and of the inputs where they are wanted, from that of the output. The arena is complete before and behind it.
INLINE void dense_backward(ARENA float *arena, GLOBAL const int *plan, GLOBAL const float *parameters)
{
    for (int level = plan[PLAN_LEVELS] - 1; level >= 0; level--)
    {
        GLOBAL const int *bounds = plan + plan[PLAN_LEVELS + 1] + 4 * level;
        for (int k = bounds[2] * ROW_LANES + LOCAL_ID; k < bounds[3] * ROW_LANES; k += LOCAL_SIZE)
        {
            GLOBAL const int *back = plan + plan[PLAN_BACKS] + k / ROW_LANES * 8;
            int row = k % ROW_LANES, outputs = back[2];
            ARENA const float *d = arena + back[1] * ROW_STRIDE + row;
            GLOBAL const float *weight = parameters + back[3];
            float sums[ROWS_EACH];
            UNROLL
            for (int j = 0; j < ROWS_EACH; j++)
            {
                sums[j] = 0.0f;
            }

            for (int o = 0; o < outputs; o++)
            {
                float w = weight[o];
                UNROLL
                for (int j = 0; j < ROWS_EACH; j++)
                {
                    sums[j] = FMA(d[j * ROW_LANES], w, sums[j]);
                }

                d += ROW_STRIDE;
            }

            UNROLL
            for (int j = 0; j < ROWS_EACH; j++)
            {
                int at = row + j * ROW_LANES;
                float s = back[6] < 0 ? sums[j] : sums[j] * arena[back[6] * ROW_STRIDE + at];
                arena[back[0] * ROW_STRIDE + at] = activate_back(back[5], arena[back[4] * ROW_STRIDE + at], BITS_FLOAT(back[7]), s);
            }
        }

        if (bounds[2] < bounds[3])
        {
            ARENA_BARRIER();
        }
    }
}

// The tile's gradients of all parameters of the plan, behind dense_backward: to `slot`, of as many floats, or added to what is there. Each parameter
// is one work item's, whatever the tile, and its sum takes the rows in order.
INLINE void dense_gradient(ARENA const float *arena, GLOBAL const int *plan, GLOBAL float *slot, int is_first)
{
    for (int k = LOCAL_ID; k < plan[PLAN_TERMS]; k += LOCAL_SIZE)
    {
        GLOBAL const int *term = plan + plan[PLAN_TERMS + 1] + 4 * k;
        int is_bias = term[0] < 0, width = term[3];
        ARENA const float *x = arena + (is_bias ? 0 : term[0]) * ROW_STRIDE;
        ARENA const float *d = arena + term[1] * ROW_STRIDE;
        int at[TERM_WIDTH];
        float sums[TERM_WIDTH];
        UNROLL
        for (int j = 0; j < TERM_WIDTH; j++)
        {
            at[j] = j < width ? j * ROW_STRIDE : 0;
            sums[j] = 0.0f;
        }

        for (int first = 0; first < TILE; first += ROW_LANES)
        {
            UNROLL
            for (int row = 0; row < ROW_LANES; row++)
            {
                float value = is_bias ? 1.0f : x[first + row];
                UNROLL
                for (int j = 0; j < TERM_WIDTH; j++)
                {
                    sums[j] = FMA(value, d[at[j] + first + row], sums[j]);
                }
            }
        }

        GLOBAL float *to = slot + term[2];
        UNROLL
        for (int j = 0; j < TERM_WIDTH; j++)
        {
            if (j < width)
            {
                to[j] = is_first ? sums[j] : to[j] + sums[j];
            }
        }
    }
}
