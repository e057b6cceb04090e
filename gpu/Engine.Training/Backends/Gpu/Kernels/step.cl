// A training step of one network: what the host says of it, and what came of it. Tables are [step of the burst][model]; GROUP_Y is the model.

// GpuStepEntry.cs has the same words in the same order.
typedef struct
{
    int first;             // of the row list
    int count;             // rows; 0 for a network that rests
    float share;           // 1 / count
    uint dropout_step;
    uint seed_low;
    uint seed_high;
    float delta;           // of Huber's loss
    float positive_weight; // of cross-entropy
    float negative_weight;
    float beta1;           // from here on Adam's, as AdamStep.cs names them
    float beta2;
    float epsilon;
    float step_size;
    float root_scale;
    float shrink;
    float decay;
    float clip;            // most that the gradient's norm may be
} StepEntry;

// Outcome s is that of step s - 1 of the burst; outcome 0 says who is alive when it begins.
typedef struct
{
    float loss;      // sum over the batch; with `loss_rest` to twice the digits
    float loss_rest;
    float norm;      // of the gradient, unbounded
    uint is_alive;   // 0 from the first step on that was not finite
} StepOutcome;

// The rows of a step: none where the network rests, or where a step of the burst was not finite.
INLINE int step_rows(GLOBAL const StepEntry *entry, GLOBAL const StepOutcome *outcomes, int step)
{
    return outcomes[step * GROUPS_Y + GROUP_Y].is_alive ? entry->count : 0;
}

// a + b in two parts: the rounded sum stays in *a, what it lost is added to *rest (Knuth).
INLINE void sum_exactly(float *a, float *rest, float b)
{
    float s = *a + b;
    float of_b = s - *a;
    *rest += (*a - (s - of_b)) + (b - of_b);
    *a = s;
}
