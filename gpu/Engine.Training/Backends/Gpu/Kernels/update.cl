// What happens to parameters once the tiles' gradients are there: their sum in slot order, the norm, the bound, Adam. No number depends on how
// groups are scheduled.

// Parameters of a chunk of gradient_sum.
#define CHUNK 32

// Scale of the second sum of squares, 2^-80: finite for every finite gradient, where the first overflows.
#define SMALL_SCALE 8.2718061255302767e-25f

// A range of parameters and the slots that hold its gradient; GradientRange.cs has the same words.
#define RANGE_WORDS 8
#define RANGE_FIRST 0       // parameter
#define RANGE_COUNT 1
#define RANGE_PARTIAL 2     // float of the model's partial gradients
#define RANGE_STRIDE 3      // floats from slot to slot
#define RANGE_TILE_ROWS 4   // rows that fill one slot
#define RANGE_SLOTS 5       // most slots
#define RANGE_CHUNK 6       // first chunk
#define RANGE_CHUNK_END 7

// Slots that a batch filled.
INLINE int slots_used(int rows, int tile_rows, int slots)
{
    int tiles = (rows + tile_rows - 1) / tile_rows;
    return tiles < slots ? tiles : slots;
}

// The gradient from the slots' shares, and sums of its squares by group. A group has LOCAL_SIZE / CHUNK segments of slots; local memory: LOCAL_SIZE
// floats.
KERNEL gradient_sum(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const int *ranges, int chunks, GLOBAL const float *partials,
    int partial_floats, GLOBAL float *gradients, int parameter_stride, GLOBAL float *norms, LOCAL_ARGUMENT(sums))
{
    LOCAL_BEGIN(sums);
    int rows = step_rows(steps + step * GROUPS_Y + GROUP_Y, outcomes, step);
    int lane = LOCAL_ID % CHUNK, segment = LOCAL_ID / CHUNK, segments = LOCAL_SIZE / CHUNK;
    GLOBAL const float *own = partials + (size_t)GROUP_Y * partial_floats;
    GLOBAL float *gradient = gradients + (size_t)GROUP_Y * parameter_stride;
    float squares = 0.0f, small_squares = 0.0f;
    for (int chunk = GROUP_X; chunk < chunks; chunk += GROUPS_X)
    {
        GLOBAL const int *range = ranges;
        while (chunk >= range[RANGE_CHUNK_END])
        {
            range += RANGE_WORDS;
        }

        int p = (chunk - range[RANGE_CHUNK]) * CHUNK + lane;
        int used = slots_used(rows, range[RANGE_TILE_ROWS], range[RANGE_SLOTS]);
        int each = (used + segments - 1) / segments;
        int end = (segment + 1) * each < used ? (segment + 1) * each : used;
        float sum = 0.0f;
        if (p < range[RANGE_COUNT])
        {
            GLOBAL const float *from = own + range[RANGE_PARTIAL] + p;
            for (int slot = segment * each; slot < end; slot++)
            {
                sum += from[(size_t)slot * range[RANGE_STRIDE]];
            }
        }

        sums[LOCAL_ID] = sum;
        BARRIER();
        if (segment == 0 && p < range[RANGE_COUNT])
        {
            for (int s = 1; s < segments; s++)
            {
                sum += sums[s * CHUNK + lane];
            }

            gradient[range[RANGE_FIRST] + p] = sum;
            float small = sum * SMALL_SCALE;
            squares = FMA(sum, sum, squares);
            small_squares = FMA(small, small, small_squares);
        }

        BARRIER();
    }

    if (segment == 0)
    {
        sums[lane] = squares;
        sums[CHUNK + lane] = small_squares;
    }

    BARRIER();
    if (LOCAL_ID < 2)
    {
        float sum = 0.0f;
        for (int i = 0; i < CHUNK; i++)
        {
            sum += sums[LOCAL_ID * CHUNK + i];
        }

        norms[2 * (GROUP_Y * GROUPS_X + GROUP_X) + LOCAL_ID] = sum;
    }
}

// The sum of numbers in two parts [count][2] by the whole group, item by item and then as a tree; its parts are sums[0] and sums[LOCAL_SIZE].
INLINE void sum_pairs(GLOBAL const float *pairs, int count, LOCAL float *sums)
{
    float a = 0.0f, rest = 0.0f, b = 0.0f;
    for (int i = LOCAL_ID; i < count; i += LOCAL_SIZE)
    {
        sum_exactly(&a, &rest, pairs[2 * i]);
        b += pairs[2 * i + 1];
    }

    sums[LOCAL_ID] = a;
    sums[LOCAL_SIZE + LOCAL_ID] = b + rest;
    BARRIER();
    for (int half_size = LOCAL_SIZE / 2; half_size > 0; half_size /= 2)
    {
        if (LOCAL_ID < half_size)
        {
            float left = sums[LOCAL_ID], lost = 0.0f;
            sum_exactly(&left, &lost, sums[LOCAL_ID + half_size]);
            sums[LOCAL_ID] = left;
            sums[LOCAL_SIZE + LOCAL_ID] += sums[LOCAL_SIZE + LOCAL_ID + half_size] + lost;
        }

        BARRIER();
    }
}

// Adam, for the parameters of a group; every group works out loss and norm for itself. LOCAL_SIZE is a power of two; local memory: 2 x LOCAL_SIZE floats.
KERNEL adam_step(
    GLOBAL const StepEntry *steps, GLOBAL StepOutcome *outcomes, int step, int is_applied, GLOBAL const float *norms, int norm_count,
    GLOBAL const float *losses, int loss_tile_rows, int loss_slots, GLOBAL const float *gradients, GLOBAL float *parameters, GLOBAL float *first,
    GLOBAL float *second, GLOBAL const float *decays, int count, int parameter_stride, LOCAL_ARGUMENT(sums))
{
    LOCAL_BEGIN(sums);
    GLOBAL const StepEntry *entry = steps + step * GROUPS_Y + GROUP_Y;
    int rows = step_rows(entry, outcomes, step);
    sum_pairs(losses + 2 * GROUP_Y * loss_slots, slots_used(rows, loss_tile_rows, loss_slots), sums);
    float loss = sums[0], loss_rest = sums[LOCAL_SIZE];
    BARRIER();

    // The norm's pairs are two sums on their own: the second says where the first overflowed.
    float squares = 0.0f, small_squares = 0.0f;
    for (int i = LOCAL_ID; i < norm_count; i += LOCAL_SIZE)
    {
        squares += norms[2 * (GROUP_Y * norm_count + i)];
        small_squares += norms[2 * (GROUP_Y * norm_count + i) + 1];
    }

    sums[LOCAL_ID] = squares;
    sums[LOCAL_SIZE + LOCAL_ID] = small_squares;
    BARRIER();
    for (int half_size = LOCAL_SIZE / 2; half_size > 0; half_size /= 2)
    {
        if (LOCAL_ID < half_size)
        {
            sums[LOCAL_ID] += sums[LOCAL_ID + half_size];
            sums[LOCAL_SIZE + LOCAL_ID] += sums[LOCAL_SIZE + LOCAL_ID + half_size];
        }

        BARRIER();
    }

    float norm = IS_FINITE(sums[0]) ? SQRT(sums[0]) : DIVIDE(SQRT(sums[LOCAL_SIZE]), SMALL_SCALE);
    uint is_alive = outcomes[step * GROUPS_Y + GROUP_Y].is_alive;
    uint is_finite = IS_FINITE(loss) && IS_FINITE(norm);
    if (GROUP_X == 0 && LOCAL_ID == 0)
    {
        StepOutcome outcome = { 0.0f, 0.0f, 0.0f, is_alive };
        if (rows > 0)
        {
            outcome.loss = loss;
            outcome.loss_rest = loss_rest;
            outcome.norm = norm;
            outcome.is_alive = is_finite;
        }

        outcomes[(step + 1) * GROUPS_Y + GROUP_Y] = outcome;
    }

    if (rows == 0 || !is_finite || !is_applied)
    {
        return;
    }

    float scale = norm > entry->clip ? DIVIDE(entry->clip, norm) : 1.0f;
    float rest1 = 1.0f - entry->beta1, rest2 = 1.0f - entry->beta2;
    for (int i = GROUP_X * LOCAL_SIZE + LOCAL_ID; i < count; i += GROUPS_X * LOCAL_SIZE)
    {
        size_t at = (size_t)GROUP_Y * parameter_stride + i;
        float p = parameters[at];
        float decayed = p * decays[i];
        float g = FMA(entry->decay, decayed, scale * gradients[at]);
        float m = FMA(rest1, g, entry->beta1 * first[at]);
        float v = FMA(rest2 * g, g, entry->beta2 * second[at]);
        first[at] = m;
        second[at] = v;
        p = FMA(-entry->shrink, decayed, p);
        parameters[at] = p + DIVIDE(-entry->step_size * m, FMA(SQRT(v), entry->root_scale, entry->epsilon));
    }
}
