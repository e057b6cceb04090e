// The activations of Engine.Inference.Kernels.Activations: the same polynomials, the same operations in the same order. NaN in gives NaN out.

// e^x; x beyond [-87, 88] gives the value at the end of the range.
INLINE float exponential(float x)
{
    float above = 88.0f < x ? 88.0f : x;
    float clamped = -87.0f > above ? -87.0f : above;

    // 1.5 x 2^23: adding it leaves the nearest integer in the low bits of the pattern.
    float shifted = FMA(clamped, 1.44269504f, 12582912.0f);
    float n = shifted - 12582912.0f;
    float rest = FMA(n, 2.12194440e-4f, FMA(n, -0.693359375f, clamped));
    float sum = 0.001381453825160861f;
    sum = FMA(sum, rest, 0.00836874544620514f);
    sum = FMA(sum, rest, 0.04166838899254799f);
    sum = FMA(sum, rest, 0.1666652113199234f);
    sum = FMA(sum, rest, 0.4999999403953552f);
    sum = FMA(sum, rest, 1.0f);
    sum = FMA(sum, rest, 1.0f);
    float power = BITS_FLOAT(FLOAT_BITS(sum) + (FLOAT_BITS(shifted) << 23));
    return clamped < FLOAT_INFINITY ? power : clamped;
}

INLINE float sigmoid(float x)
{
    return DIVIDE(1.0f, 1.0f + exponential(0.0f - x));
}

// Below 0.625 the Pade approximant x (945 + 105 z + z^2) / (945 + 420 z + 15 z^2), z = x^2; above, 1 - 2 / (e^(2 |x|) + 1).
INLINE float hyperbolic_tangent(float x)
{
    float magnitude = ABS(x);
    float e = exponential(magnitude + magnitude);
    float z = magnitude * magnitude;
    float top = FMA(z + 105.0f, z, 945.0f);
    float bottom = FMA(FMA(15.0f, z, 420.0f), z, 945.0f);
    int is_small = magnitude < 0.625f;
    float quotient = DIVIDE(is_small ? magnitude * top : 2.0f, is_small ? bottom : e + 1.0f);
    return COPY_SIGN(is_small ? quotient : 1.0f - quotient, x);
}

// ln(1 + e) for e in [0, 1]: 2 atanh(s) with s = e / (2 + e), the series cut after s^17, where s is at most 1/3.
INLINE float log_of_one_plus(float e)
{
    float s = DIVIDE(e, 2.0f + e);
    float square = s * s;
    float tail = 1.0f / 17.0f;
    tail = FMA(tail, square, 1.0f / 15.0f);
    tail = FMA(tail, square, 1.0f / 13.0f);
    tail = FMA(tail, square, 1.0f / 11.0f);
    tail = FMA(tail, square, 1.0f / 9.0f);
    tail = FMA(tail, square, 1.0f / 7.0f);
    tail = FMA(tail, square, 1.0f / 5.0f);
    tail = FMA(tail, square, 1.0f / 3.0f);
    float twice = s + s;
    return FMA(twice * square, tail, twice);
}

// The numbers of Engine.Inference.Networks.Activation.
#define IDENTITY 0
#define RELU 1
#define SIGMOID 2
#define TANH 3

INLINE float activate(int activation, float x)
{
    if (activation == RELU)
    {
        return 0.0f > x ? 0.0f : x;
    }

    return activation == SIGMOID ? sigmoid(x) : activation == TANH ? hyperbolic_tangent(x) : x;
}

// The gradient of the sum from that of the output `y`, which is behind dropout; `kept` is 1 / the factor of what dropout kept.
INLINE float activate_back(int activation, float y, float kept, float d)
{
    if (activation == RELU)
    {
        return 0.0f < y ? d : 0.0f;
    }

    float a = y * kept;
    return activation == TANH ? d * (1.0f - a * a) : activation == SIGMOID ? d * (a * (1.0f - a)) : d;
}
