// The ticks of a batch's windows, laid out as the steps read them. A group follows the chain from each sequence's row to the tick before,
// AHEAD steps at a time, and then copies the rows' features. Behind lstm.cl.
#define AHEAD 32

KERNEL_SIZED(ITEMS) lstm_ticks(
    GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step, GLOBAL const int *RESTRICT list, GLOBAL const int *RESTRICT previous,
    GLOBAL const float *RESTRICT features, int columns, GLOBAL const int *RESTRICT picked, GLOBAL float *RESTRICT all_ticks, int tiles)
{
    LOCAL_FIXED(int, chain, AHEAD * SEQUENCES);
    int count = STEP_ROWS(), begin = steps[step * GROUPS_Y + GROUP_Y].first;
    for (int tile = GROUP_X; tile * SEQUENCES < count; tile += GROUPS_X)
    {
        GLOBAL float *ticks = all_ticks + ((ulong)GROUP_Y * tiles + tile) * (STEPS * TICKS_STEP);
        int sequence = tile * SEQUENCES + LOCAL_ID;
        int row = LOCAL_ID < SEQUENCES && sequence < count ? list[begin + sequence] : -1;
        for (int last = STEPS; last > 0; last -= AHEAD)
        {
            int first = MOST(0, last - AHEAD);
            for (int tick = last - 1; LOCAL_ID < SEQUENCES && tick >= first; tick--)
            {
                chain[(tick - first) * SEQUENCES + LOCAL_ID] = row;
                row = row < 0 || tick == 0 ? -1 : previous[row];
            }

            BARRIER();
            for (int i = LOCAL_ID; i < (last - first) * TICKS_STEP; i += ITEMS)
            {
                int tick = i / TICKS_STEP, at = i % TICKS_STEP, quad = at / (4 * INPUTS), input = at / 4 % INPUTS;
                int from = chain[tick * SEQUENCES + quad * 4 + at % 4];
                ticks[first * TICKS_STEP + i] = from < 0 ? 0.0f : features[(ulong)from * columns + picked[input]];
            }

            BARRIER();
        }
    }
}
