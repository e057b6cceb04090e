// Deep Silos, perceptrons and linear models: one kernel takes a tile of rows from features to the gradients of all parameters. Group x of model y
// takes tiles x, x + slots, x + 2 slots, ... of the batch and sums their gradients in that order.

INLINE ARENA float *arena_of(LOCAL float *local_arena, GLOBAL float *scratch, int arena_floats)
{
#ifdef ARENA_IN_GLOBAL
    return scratch + (size_t)(GROUP_Y * GROUPS_X + GROUP_X) * arena_floats;
#else
    return local_arena;
#endif
}

KERNEL silo_step(
    GLOBAL const float *features, GLOBAL const float *labels, GLOBAL const int *list, GLOBAL const StepEntry *steps, GLOBAL const StepOutcome *outcomes,
    int step, GLOBAL const int *plan, GLOBAL const float *parameters, int parameter_stride, int columns, int loss_kind, int slots,
    GLOBAL float *partials, GLOBAL float *losses, GLOBAL float *scratch, int arena_floats, LOCAL_ARGUMENT(local_arena))
{
    LOCAL_BEGIN(local_arena);
    GLOBAL const StepEntry *entry = steps + step * GROUPS_Y + GROUP_Y;
    int count = step_rows(entry, outcomes, step);
    ARENA float *arena = arena_of(local_arena, scratch, arena_floats);
    GLOBAL const float *own = parameters + (size_t)GROUP_Y * parameter_stride;
    GLOBAL float *slot = partials + ((size_t)GROUP_Y * slots + GROUP_X) * parameter_stride;
    float loss = 0.0f, rest = 0.0f;
    for (int first = GROUP_X * TILE; first < count; first += slots * TILE)
    {
        GLOBAL const int *tile = list + entry->first + first;
        int rows = count - first < TILE ? count - first : TILE;
        dense_gather(arena, plan, features, columns, tile, rows);
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

        // The next tile overwrites what others may be reading.
        ARENA_BARRIER();
    }

    if (LOCAL_ID == 0)
    {
        losses[2 * (GROUP_Y * slots + GROUP_X)] = loss;
        losses[2 * (GROUP_Y * slots + GROUP_X) + 1] = rest;
    }
}

// The outputs of rows, of one model.
KERNEL silo_outputs(
    GLOBAL const float *features, GLOBAL const int *list, int count, GLOBAL const int *plan, GLOBAL const float *parameters, int parameter_stride, int model,
    int columns, GLOBAL float *outputs, GLOBAL float *scratch, int arena_floats, LOCAL_ARGUMENT(local_arena))
{
    LOCAL_BEGIN(local_arena);
    ARENA float *arena = arena_of(local_arena, scratch, arena_floats);
    for (int first = GROUP_X * TILE; first < count; first += GROUPS_X * TILE)
    {
        int rows = count - first < TILE ? count - first : TILE;
        dense_gather(arena, plan, features, columns, list + first, rows);
        ARENA_BARRIER();
        dense_forward(arena, plan, parameters + (size_t)model * parameter_stride, 0);
        for (int row = LOCAL_ID; row < rows; row += LOCAL_SIZE)
        {
            outputs[first + row] = arena[plan[PLAN_OUTPUT] * ROW_STRIDE + row];
        }

        ARENA_BARRIER();
    }
}
