// The losses of LossKernel.cs: gradients by the same operations, losses in float32.

// The numbers of Losses.LossKind.
#define MEAN_SQUARED 0
#define HUBER 1
#define CROSS_ENTROPY 2

// With s(y) = ln(1 + e^y) = max(y, 0) + ln(1 + e^-|y|): -ln p = s(-y) and -ln(1 - p) = s(y).
INLINE float cross_entropy(GLOBAL const StepEntry *entry, float output, float label, float *gradient)
{
    float p = sigmoid(output);
    float one = entry->positive_weight * label;
    float zero = entry->negative_weight * (1.0f - label);
    *gradient = p * (one + zero) - one;
    float tail = log_of_one_plus(exponential(-ABS(output)));
    float below = output < 0.0f ? -output : 0.0f, above = output > 0.0f ? output : 0.0f;
    return one * (below + tail) + zero * (above + tail);
}

// The loss of one row, and d loss / d output.
INLINE float loss_of(int kind, GLOBAL const StepEntry *entry, float output, float label, float *gradient)
{
    if (kind == CROSS_ENTROPY)
    {
        return cross_entropy(entry, output, label, gradient);
    }

    float off = output - label;
    if (kind == HUBER)
    {
        float delta = entry->delta;
        float bounded = off > delta ? delta : off < -delta ? -delta : off;
        *gradient = bounded;
        return bounded == off ? 0.5f * off * off : delta * (ABS(off) - 0.5f * delta);
    }

    *gradient = 2.0f * off;
    return off * off;
}
