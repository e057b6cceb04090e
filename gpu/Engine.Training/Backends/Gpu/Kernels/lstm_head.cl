// The dense layers behind an LSTM: dense.cl's tile of rows, from the last hidden states to the loss and back. Behind lstm_norm.cl and dense.cl.

INLINE ARENA float *head_arena(LOCAL float *local_arena, GLOBAL float *scratch, int arena_floats)
{
#ifdef ARENA_IN_GLOBAL
    return scratch + (ulong)(GROUP_Y * GROUPS_X + GROUP_X) * arena_floats;
#else
    return local_arena;
#endif
}

// The layers' inputs into their slots; rows beyond `rows` are zeros.
INLINE void place_inputs(
    ARENA float *arena, GLOBAL const int *plan, GLOBAL const float *parameters, GLOBAL const float *norms, GLOBAL const float *hidden, int rows)
{
    for (int i = LOCAL_ID; i < TILE * UNITS; i += LOCAL_SIZE)
    {
        int row = i / UNITS, unit = i % UNITS;
        arena[(plan[PLAN_INPUT] + unit) * ROW_STRIDE + row] = row < rows ? head_input(parameters, norms, unit, hidden[i]) : 0.0f;
    }
}

// Losses, the head's gradients (a slot a group) and those of its inputs.
KERNEL lstm_head(
    GLOBAL const float *labels, GLOBAL const int *list, GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes, int step,
    GLOBAL const int *plan, GLOBAL const float *parameters, int parameter_stride, GLOBAL const float *all_hidden, GLOBAL float *all_gradients, int tiles,
    GLOBAL const float *norms, int input_gradient, int loss_kind, GLOBAL float *partials, int partial_floats, int first_partial, int slot_stride,
    GLOBAL float *losses, int slots, GLOBAL float *scratch, int arena_floats, LOCAL_ARGUMENT(local_arena))
{
    LOCAL_BEGIN(local_arena);
    GLOBAL const StepEntry *entry = steps + step * GROUPS_Y + GROUP_Y;
    int count = STEP_ROWS();
    ARENA float *arena = head_arena(local_arena, scratch, arena_floats);
    GLOBAL const float *own = parameters + (ulong)GROUP_Y * parameter_stride;
    GLOBAL float *slot = partials + (ulong)GROUP_Y * partial_floats + first_partial + (ulong)GROUP_X * slot_stride;
    float loss = 0.0f, rest = 0.0f;
    for (int first = GROUP_X * TILE; first < count; first += GROUPS_X * TILE)
    {
        ulong at = ((ulong)GROUP_Y * tiles * SEQUENCES + first) * UNITS;
        GLOBAL const int *tile = list + entry->first + first;
        int rows = count - first < TILE ? count - first : TILE;
        place_inputs(arena, plan, own, norms + 2 * UNITS * GROUP_Y, all_hidden + at, rows);
        dense_draw(arena, plan, entry, first);
        ARENA_BARRIER();
        dense_forward(arena, plan, own, 1);
        dense_loss(arena, plan, entry, loss_kind, labels, tile, rows);
        if (LOCAL_ID == 0)
        {
            dense_loss_sum(arena, plan, rows, &loss, &rest);
        }

        dense_backward(arena, plan, own);
        dense_gradient(arena, plan, slot, first == GROUP_X * TILE);
        for (int i = LOCAL_ID; i < rows * UNITS; i += LOCAL_SIZE)
        {
            all_gradients[at + i] = arena[(input_gradient + i % UNITS) * ROW_STRIDE + i / UNITS];
        }

        // The next tile overwrites what others may be reading.
        ARENA_BARRIER();
    }

    if (LOCAL_ID == 0)
    {
        losses[2 * (GROUP_Y * slots + GROUP_X)] = loss;
        losses[2 * (GROUP_Y * slots + GROUP_X) + 1] = rest;
    }
}

// The outputs of rows of one model, from `begin` on.
KERNEL lstm_outputs(
    int begin, int count, GLOBAL const int *plan, GLOBAL const float *parameters, int parameter_stride, int model, GLOBAL const float *hidden,
    GLOBAL const float *norms, GLOBAL float *outputs, GLOBAL float *scratch, int arena_floats, LOCAL_ARGUMENT(local_arena))
{
    LOCAL_BEGIN(local_arena);
    ARENA float *arena = head_arena(local_arena, scratch, arena_floats);
    GLOBAL const float *own = parameters + (ulong)model * parameter_stride;
    for (int first = GROUP_X * TILE; first < count; first += GROUPS_X * TILE)
    {
        int rows = count - first < TILE ? count - first : TILE;
        place_inputs(arena, plan, own, norms, hidden + (ulong)first * UNITS, rows);
        ARENA_BARRIER();
        dense_forward(arena, plan, own, 0);
        for (int row = LOCAL_ID; row < rows; row += LOCAL_SIZE)
        {
            outputs[begin + first + row] = arena[plan[PLAN_OUTPUT] * ROW_STRIDE + row];
        }

        ARENA_BARRIER();
    }
}
