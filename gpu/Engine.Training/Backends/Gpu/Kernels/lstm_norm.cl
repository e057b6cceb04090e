// Batch normalisation of the last hidden states, over the whole batch: BatchNorm.cs. Statistics of a model: means, then 1 / sqrt(variance + e), a
// unit each. A group works on NORM_UNITS units, work item i on unit i mod NORM_UNITS and on every (ITEMS / NORM_UNITS)-th row; sums have twice
// float32's digits, and one order. Behind lstm.cl.
#define NORM_UNITS 8
#define NORM_LANES (ITEMS / NORM_UNITS)
#define NORM_EPSILON 1e-5f
#define NORM_MOMENTUM 0.1f

#if HAS_NORM
#define NORM_SCALES LSTM_PARAMETERS
#define NORM_OFFSETS (LSTM_PARAMETERS + UNITS)

INLINE float normalised(GLOBAL const float *norms, int unit, float hidden)
{
    return (hidden - norms[unit]) * norms[UNITS + unit];
}
#endif

// What goes into the head.
INLINE float head_input(GLOBAL const float *parameters, GLOBAL const float *norms, int unit, float hidden)
{
#if HAS_NORM
    return FMA(normalised(norms, unit, hidden), parameters[NORM_SCALES + unit], parameters[NORM_OFFSETS + unit]);
#else
    return hidden;
#endif
}

// The gradient of a hidden state from that of the head's input: scale x inverse x (d - mean of d - x mean of d x), the means over the batch.
// `own` are the model's partial gradients: scales' and offsets' lie at NORM_PARTIAL.
INLINE float through_norm(
    GLOBAL const float *parameters, GLOBAL const float *norms, GLOBAL const float *own, int unit, float hidden, float d, float share)
{
#if HAS_NORM
    float scale = own[NORM_PARTIAL + unit], offset = own[NORM_PARTIAL + UNITS + unit];
    return parameters[NORM_SCALES + unit] * norms[UNITS + unit] * (d - offset * share - normalised(norms, unit, hidden) * (scale * share));
#else
    return d;
#endif
}

// The gradient of a unit's last hidden state of the sequence whose units begin at `sequence`.
INLINE float last_gradient(
    GLOBAL const float *parameters, GLOBAL const float *all_norms, GLOBAL const float *own, ulong sequence, int unit, GLOBAL const float *all_hidden,
    GLOBAL const float *all_gradients, float share)
{
    return through_norm(
        parameters, all_norms + 2 * UNITS * GROUP_Y, own, unit, all_hidden[sequence + unit], all_gradients[sequence + unit], share);
}

#if HAS_NORM
// The sum over all work items of a unit of numbers in two parts; every one of them gets it. Local memory: 2 x ITEMS floats.
INLINE float sum_of_unit(LOCAL float *sums, float sum, float rest)
{
    sums[LOCAL_ID] = sum;
    sums[ITEMS + LOCAL_ID] = rest;
    BARRIER();
    for (int half_lanes = NORM_LANES / 2; half_lanes > 0; half_lanes /= 2)
    {
        if (LOCAL_ID < half_lanes * NORM_UNITS)
        {
            int other = LOCAL_ID + half_lanes * NORM_UNITS;
            float left = sums[LOCAL_ID], lost = 0.0f;
            sum_exactly(&left, &lost, sums[other]);
            sums[LOCAL_ID] = left;
            sums[ITEMS + LOCAL_ID] += sums[ITEMS + other] + lost;
        }

        BARRIER();
    }

    float result = sums[LOCAL_ID % NORM_UNITS] + sums[ITEMS + LOCAL_ID % NORM_UNITS];
    BARRIER();
    return result;
}

// The batch's statistics, and the running ones that follow from them if the step counts; `running` and `pending` are means, then variances.
KERNEL_SIZED(ITEMS) lstm_norm(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *all_hidden, int tiles, GLOBAL float *norms,
    GLOBAL const float *running, GLOBAL float *pending)
{
    LOCAL_FIXED(float, sums, 2 * ITEMS);
    int count = STEP_ROWS(), unit = GROUP_X * NORM_UNITS + LOCAL_ID % NORM_UNITS, first = LOCAL_ID / NORM_UNITS;
    GLOBAL const float *hidden = all_hidden + (ulong)GROUP_Y * tiles * SEQUENCES * UNITS + unit;
    float sum = 0.0f, rest = 0.0f, squares = 0.0f, squares_rest = 0.0f;
    for (int row = first; unit < UNITS && row < count; row += NORM_LANES)
    {
        sum_exactly(&sum, &rest, hidden[(ulong)row * UNITS]);
    }

    float mean = DIVIDE(sum_of_unit(sums, sum, rest), (float)count);
    for (int row = first; unit < UNITS && row < count; row += NORM_LANES)
    {
        float off = hidden[(ulong)row * UNITS] - mean;
        sum_exactly(&squares, &squares_rest, off * off);
    }

    float all_squares = sum_of_unit(sums, squares, squares_rest), variance = DIVIDE(all_squares, (float)count);
    if (first == 0 && unit < UNITS && count > 1)
    {
        int at = 2 * UNITS * GROUP_Y + unit;
        norms[at] = mean;
        norms[at + UNITS] = DIVIDE(1.0f, SQRT(variance + NORM_EPSILON));
        pending[at] = FMA(NORM_MOMENTUM, mean, (1.0f - NORM_MOMENTUM) * running[at]);
        pending[at + UNITS] = FMA(NORM_MOMENTUM, DIVIDE(all_squares, (float)(count - 1)), (1.0f - NORM_MOMENTUM) * running[at + UNITS]);
    }
}

// The gradients of scales and offsets, from those of the head's inputs.
KERNEL_SIZED(ITEMS) lstm_norm_back(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const float *all_hidden, GLOBAL const float *all_gradients,
    int tiles, GLOBAL const float *norms, GLOBAL float *partials, int partial_floats)
{
    LOCAL_FIXED(float, sums, 2 * ITEMS);
    int count = STEP_ROWS(), unit = GROUP_X * NORM_UNITS + LOCAL_ID % NORM_UNITS, first = LOCAL_ID / NORM_UNITS;
    ulong at = (ulong)GROUP_Y * tiles * SEQUENCES * UNITS + unit;
    GLOBAL const float *own_norms = norms + 2 * UNITS * GROUP_Y;
    float scale = 0.0f, scale_rest = 0.0f, offset = 0.0f, offset_rest = 0.0f;
    for (int row = first; unit < UNITS && row < count; row += NORM_LANES)
    {
        float d = all_gradients[at + (ulong)row * UNITS];
        sum_exactly(&scale, &scale_rest, d * normalised(own_norms, unit, all_hidden[at + (ulong)row * UNITS]));
        sum_exactly(&offset, &offset_rest, d);
    }

    float scales = sum_of_unit(sums, scale, scale_rest), offsets = sum_of_unit(sums, offset, offset_rest);
    if (first == 0 && unit < UNITS)
    {
        GLOBAL float *to = partials + (ulong)GROUP_Y * partial_floats + NORM_PARTIAL + unit;
        to[0] = scales;
        to[UNITS] = offsets;
    }
}

// The running statistics follow a step that was finite.
KERNEL lstm_norm_keep(GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL float *running, GLOBAL const float *pending)
{
    if (STEP_ROWS() > 0 && outcomes[(step + 1) * GROUPS_Y + GROUP_Y].is_alive)
    {
        for (int i = GROUP_X * LOCAL_SIZE + LOCAL_ID; i < 2 * UNITS; i += GROUPS_X * LOCAL_SIZE)
        {
            running[2 * UNITS * GROUP_Y + i] = pending[2 * UNITS * GROUP_Y + i];
        }
    }
}

// A model's running statistics in the form that predictions use.
KERNEL lstm_norm_running(GLOBAL const float *running, int model, GLOBAL float *norms)
{
    for (int unit = GROUP_X * LOCAL_SIZE + LOCAL_ID; unit < UNITS; unit += GROUPS_X * LOCAL_SIZE)
    {
        norms[unit] = running[2 * UNITS * model + unit];
        norms[UNITS + unit] = DIVIDE(1.0f, SQRT(running[2 * UNITS * model + UNITS + unit] + NORM_EPSILON));
    }
}
#endif
